"""A Llama-shaped decoder: RMSNorm, rotary positions in interleaved pairs, grouped heads, SwiGLU, tied embeddings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Config:
    """The shape of one model."""

    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int
    vocab: int = 2048
    head_width: int = 32
    context: int = 1024
    theta: float = 10000.0
    eps: float = 1e-5

    @property
    def matmul_weights(self) -> int:
        """Weights multiplied per token, the output head included: the model's cost."""
        attention = self.width * self.head_width * (2 * self.heads + 2 * self.kv_heads)
        return self.layers * (attention + 3 * self.width * self.hidden) + self.vocab * self.width


TARGET = Config(width=256, layers=6, heads=8, kv_heads=4, hidden=640)
DRAFT = Config(width=96, layers=2, heads=3, kv_heads=1, hidden=320)

Cache = list[tuple[Tensor, Tensor]]


class RmsNorm(nn.Module):
    """x / rms(x) * weight, in float32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last dimension."""
        scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)
        return x * scale * self.weight


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """Turn each pair (2i, 2i+1) of the last dimension; x is rows x time x heads x width."""
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * turns.unsqueeze(-2)).flatten(-2)


class Block(nn.Module):
    """One decoder layer."""

    def __init__(self, config: Config, dropout: float) -> None:
        super().__init__()
        self.config = config
        self.drop = nn.Dropout(dropout)
        q_width, kv_width = config.heads * config.head_width, config.kv_heads * config.head_width
        self.attn_norm = RmsNorm(config.width, config.eps)
        self.attn_q = nn.Linear(config.width, q_width, bias=False)
        self.attn_k = nn.Linear(config.width, kv_width, bias=False)
        self.attn_v = nn.Linear(config.width, kv_width, bias=False)
        self.attn_output = nn.Linear(q_width, config.width, bias=False)
        self.ffn_norm = RmsNorm(config.width, config.eps)
        self.ffn_gate = nn.Linear(config.width, config.hidden, bias=False)
        self.ffn_up = nn.Linear(config.width, config.hidden, bias=False)
        self.ffn_down = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor, turns: Tensor, mask: Tensor, past: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the layer's output and its keys and values, those of `past` first."""
        attended, cache = self._attend(self.attn_norm(x), turns, mask, past)
        x = x + self.drop(attended)
        h = self.ffn_norm(x)
        return x + self.drop(self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))), cache

    def _attend(self, h: Tensor, turns: Tensor, mask: Tensor, past: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        rows, time, _ = h.shape
        c = self.config
        queries = self.attn_q(h).view(rows, time, c.heads, c.head_width)
        keys = self.attn_k(h).view(rows, time, c.kv_heads, c.head_width)
        values = self.attn_v(h).view(rows, time, c.kv_heads, c.head_width).transpose(1, 2)
        queries = rotate(queries, turns).to(values.dtype).transpose(1, 2) * c.head_width**-0.5
        keys = rotate(keys, turns).to(values.dtype).transpose(1, 2)
        if past is not None:
            keys, values = torch.cat([past[0], keys], 2), torch.cat([past[1], values], 2)
        # Query heads that share a key head lie side by side: fold them into time.
        grouped = queries.reshape(rows, c.kv_heads, -1, c.head_width)
        scores = (grouped @ keys.transpose(-1, -2)).view(rows, c.heads, time, -1)
        weights = (scores + mask.to(scores.dtype)).softmax(-1).to(values.dtype)
        mixed = weights.view(rows, c.kv_heads, -1, keys.shape[2]) @ values
        return self.attn_output(mixed.view(rows, c.heads, time, -1).transpose(1, 2).flatten(2)), (keys, values)


class Model(nn.Module):
    """The decoder; `forward` gives logits and, for generation, the keys and values so far."""

    def __init__(self, config: Config, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.token_embd = nn.Embedding(config.vocab, config.width)
        self.blk = nn.ModuleList(Block(config, dropout) for _ in range(config.layers))
        self.output_norm = RmsNorm(config.width, config.eps)
        frequencies = config.theta ** (-torch.arange(0, config.head_width, 2) / config.head_width)
        angles = torch.outer(torch.arange(config.context), frequencies)
        self.register_buffer("turns", torch.polar(torch.ones_like(angles), angles), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                deep = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=0.02 / (2 * config.layers) ** 0.5 if deep else 0.02)

    def hidden(self, ids: Tensor, past: Cache | None = None, padding: Tensor | None = None) -> tuple[Tensor, Cache]:
        """What the head reads, for ids (rows x time), and the keys and values so far.

        `padding` (one count per row) says how many of the row's first ids are left padding: they are not
        attended, and positions count from the first real id.
        """
        time, start = ids.shape[1], past[0][0].shape[2] if past else 0
        steps = torch.arange(start + time, device=ids.device)
        unseen = steps > steps[start:, None]
        positions = steps[None, start:]
        if padding is not None:
            unseen = unseen | (steps < padding[:, None, None, None])
            positions = (positions - padding[:, None]).clamp(min=0)
        mask = torch.zeros_like(unseen, dtype=torch.float32).masked_fill(unseen, -1e9)
        turns = self.turns[positions]
        x, cache = self.token_embd(ids), []
        for index, block in enumerate(self.blk):
            x, layer = block(x, turns, mask, past[index] if past else None)
            cache.append(layer)
        return self.output_norm(x), cache

    def head(self, hidden: Tensor) -> Tensor:
        """Logits, by the tied embeddings."""
        return F.linear(hidden, self.token_embd.weight)

    def forward(self, ids: Tensor, past: Cache | None = None, padding: Tensor | None = None) -> tuple[Tensor, Cache]:
        """Logits for ids (rows x time), and the keys and values so far."""
        hidden, cache = self.hidden(ids, past, padding)
        return self.head(hidden), cache


def save(model: Model, path: Path, **facts: Any) -> None:
    """Write a checkpoint: shape, weights and whatever facts the card needs."""
    partial = path.with_suffix(".partial")
    torch.save({"config": asdict(model.config), "weights": model.state_dict(), "facts": facts}, partial)
    partial.replace(path)


def load(path: Path, device: torch.device) -> tuple[Model, dict[str, Any]]:
    """Read what `save` wrote; the model is in evaluation mode."""
    if not path.is_file():
        raise SystemExit(f"{path} is missing: train it first, see README.md")
    checkpoint = torch.load(path, map_location=device)
    model = Model(Config(**checkpoint["config"])).to(device)
    model.load_state_dict(checkpoint["weights"])
    return model.eval(), checkpoint["facts"]

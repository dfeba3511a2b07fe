"""A head of EAGLE-3's kind: drafts from the target's own hidden states, by one decoder layer of its own width.

After Li et al., https://arxiv.org/abs/2503.01840; modules carry the names of the published checkpoints. At a position the
layer reads the token that came next and, at first, the target's hidden states there; after a guess it reads its own output.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from layers import RmsNorm


@dataclass(frozen=True)
class HeadConfig:
    """The shape of a head. `layers` says after how many of the target's layers its hidden states are taken."""

    target_width: int
    layers: tuple[int, ...]
    draft_vocab: int
    width: int = 128
    heads: int = 4
    kv_heads: int = 2
    hidden: int = 320
    vocab: int = 2048
    context: int = 1024
    theta: float = 10000.0
    eps: float = 1e-5

    @property
    def head_width(self) -> int:
        """Width of one head; those of all heads together are the layer's width."""
        return self.width // self.heads

    @property
    def step_weights(self) -> int:
        """Weights multiplied for a guess."""
        attention = self.head_width * self.width * (3 * self.heads + 4 * self.kv_heads)
        return attention + 3 * self.width * self.hidden + self.width * self.draft_vocab

    @property
    def row_weights(self) -> int:
        """Weights multiplied to take in a position that the target has computed."""
        return len(self.layers) * self.target_width * self.width + 4 * self.head_width * self.width * self.kv_heads


class Attention(nn.Module):
    """Grouped-query attention over the positions before and the guesses since."""

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.config = config
        self.q_proj = nn.Linear(2 * config.width, config.heads * config.head_width, bias=False)
        self.k_proj = nn.Linear(2 * config.width, config.kv_heads * config.head_width, bias=False)
        self.v_proj = nn.Linear(2 * config.width, config.kv_heads * config.head_width, bias=False)
        self.o_proj = nn.Linear(config.heads * config.head_width, config.width, bias=False)

    def forward(self, x: Tensor, turns: tuple[Tensor, Tensor], past: list[tuple[Tensor, Tensor]]) -> Tensor:
        """Attend; `past` has the keys and values of each depth so far and gets this one's."""
        rows, time, _ = x.shape
        c = self.config
        groups = c.heads // c.kv_heads

        def heads(y: Tensor, count: int) -> Tensor:
            return y.view(rows, time, count, c.head_width).transpose(1, 2)

        queries = turn(heads(self.q_proj(x), c.heads), turns) * c.head_width**-0.5
        keys = turn(heads(self.k_proj(x), c.kv_heads), turns).repeat_interleave(groups, 1)
        values = heads(self.v_proj(x), c.kv_heads).repeat_interleave(groups, 1)
        past.append((keys, values))
        unseen = torch.ones(time, time, dtype=torch.bool, device=x.device).triu(1)
        scores = [(queries @ past[0][0].transpose(-1, -2)).masked_fill(unseen, -1e9)]
        scores += [(queries * key).sum(-1, keepdim=True) for key, _ in past[1:]]
        weights = torch.cat(scores, -1).softmax(-1).to(values.dtype)
        mixed = weights[..., :time] @ past[0][1]
        for depth, (_, value) in enumerate(past[1:]):
            mixed = mixed + weights[..., time + depth, None] * value
        return self.o_proj(mixed.transpose(1, 2).reshape(rows, time, -1))


class Mlp(nn.Module):
    """SwiGLU."""

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.width, config.hidden, bias=False)
        self.up_proj = nn.Linear(config.width, config.hidden, bias=False)
        self.down_proj = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """silu(gate) * up, projected down."""
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """The decoder layer: attention reads token and hidden state side by side, the residual is the hidden state."""

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.input_layernorm = RmsNorm(config.width, config.eps)
        self.hidden_norm = RmsNorm(config.width, config.eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RmsNorm(config.width, config.eps)
        self.mlp = Mlp(config)

    def forward(
        self, embedded: Tensor, hidden: Tensor, turns: tuple[Tensor, Tensor], past: list[tuple[Tensor, Tensor]]
    ) -> Tensor:
        """The next hidden state."""
        joined = torch.cat([self.input_layernorm(embedded), self.hidden_norm(hidden)], -1)
        hidden = hidden + self.self_attn(joined, turns, past)
        return hidden + self.mlp(self.post_attention_layernorm(hidden))


class Head(nn.Module):
    """The head: features in, logits over its own short vocabulary out."""

    def __init__(self, config: HeadConfig, tokens: Tensor) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab, config.width)
        self.fc = nn.Linear(len(config.layers) * config.target_width, config.width, bias=False)
        self.midlayer = Layer(config)
        self.norm = RmsNorm(config.width, config.eps)
        self.lm_head = nn.Linear(config.width, config.draft_vocab, bias=False)
        # d2t[i] is what to add to the head's id i for the target's.
        self.register_buffer("d2t", tokens - torch.arange(len(tokens)))
        for weight in self.parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.02)

    def turns(self, time: int, shift: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of positions `shift` on."""
        half = self.config.head_width // 2
        frequencies = self.config.theta ** (-torch.arange(half) / half)
        angles = torch.outer(torch.arange(shift, shift + time), frequencies).repeat(1, 2)
        return angles.cos(), angles.sin()

    def guesses(self, ids: Tensor, features: Tensor, depth: int) -> list[Tensor]:
        """Hidden states of `depth` guesses after each position, every guess before them taken as right.

        `ids` is rows x (time + 1), `features` rows x time x (layers * target width). Entry k at position i predicts the id
        at i + k + 2.
        """
        hidden, past, outputs = self.fc(features), [], []
        time = features.shape[1]
        for step in range(depth):
            tokens = F.pad(ids[:, step + 1 :], (0, step))[:, :time]
            hidden = self.midlayer(self.embed_tokens(tokens), hidden, self.turns(time, step), past)
            outputs.append(hidden)
        return outputs


def turn(x: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions by halves, as the published heads have them; x is rows x heads x time x width."""
    cosines, sines = turns
    left, right = x.float().chunk(2, -1)
    return (x.float() * cosines + torch.cat([-right, left], -1) * sines).to(x.dtype)


def save(head: Head, path: Path) -> None:
    """Write a checkpoint."""
    partial = path.with_suffix(".partial")
    torch.save({"config": asdict(head.config), "weights": head.state_dict()}, partial)
    partial.replace(path)


def load(path: Path) -> Head:
    """Read what `save` wrote."""
    checkpoint = torch.load(path, map_location="cpu")
    config = HeadConfig(**checkpoint["config"])
    head = Head(config, torch.zeros(config.draft_vocab, dtype=torch.long))
    head.load_state_dict(checkpoint["weights"])
    return head.eval()

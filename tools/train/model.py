"""The decoder, its head tied to its embeddings, and its checkpoints."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from layers import Block, Past, RmsNorm
from shapes import Config


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

    def hidden(
        self, ids: Tensor, past: list[Past] | None = None, padding: Tensor | None = None
    ) -> tuple[Tensor, list[Past]]:
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

    def forward(
        self, ids: Tensor, past: list[Past] | None = None, padding: Tensor | None = None
    ) -> tuple[Tensor, list[Past]]:
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

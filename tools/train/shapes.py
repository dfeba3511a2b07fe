"""The shapes of the two models."""

from __future__ import annotations

from dataclasses import dataclass


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

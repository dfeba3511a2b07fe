"""One decoder layer: RMSNorm, rotary positions in interleaved pairs, grouped heads, SwiGLU."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from shapes import Config

# Keys and values of the positions so far, rows x heads x time x width each.
Past = tuple[Tensor, Tensor]


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

    def forward(self, x: Tensor, turns: Tensor, mask: Tensor, past: Past | None) -> tuple[Tensor, Past]:
        """Return the layer's output and its keys and values, those of `past` first."""
        attended, cache = self._attend(self.attn_norm(x), turns, mask, past)
        x = x + self.drop(attended)
        h = self.ffn_norm(x)
        return x + self.drop(self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))), cache

    def _attend(self, h: Tensor, turns: Tensor, mask: Tensor, past: Past | None) -> tuple[Tensor, Past]:
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

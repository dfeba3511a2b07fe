"""A stop head: predicts from the draft's last hidden state whether the target keeps the token drawn there.

After Huang et al., SpecDec++, https://arxiv.org/abs/2405.19715, whose head reads the hidden state of the drafted token itself, a pass later. This one reads the
state that the token was drawn from, and beside it how sure the draw was: the token's probability, and its lead over the runner-up with the noise that the target
draws with too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from layers import RmsNorm

SURENESS = 3


def sureness(log_probability: Tensor, lead: Tensor) -> Tensor:
    """How sure a draw was, as the head reads it; the lead in logits."""
    return torch.stack([log_probability.clamp(min=-12) / 4, lead.clamp(max=12) / 4, lead.clamp(max=30).log1p()], -1)


class StopHead(nn.Module):
    """A norm, one linear layer, residual blocks x + SiLU(Wx + b), and a logit."""

    def __init__(self, width: int, inner: int, blocks: int, eps: float) -> None:
        super().__init__()
        self.norm = RmsNorm(width, eps)
        self.hidden = nn.Linear(width, inner)
        self.sure = nn.Linear(SURENESS, inner, bias=False)
        self.blk = nn.ModuleList(nn.Linear(inner, inner) for _ in range(blocks))
        self.output = nn.Linear(inner, 1)

    def forward(self, hidden: Tensor, sure: Tensor) -> Tensor:
        """The logit of being kept, for hidden states (rows x width) before the draft's last norm."""
        x = self.hidden(self.norm(hidden)) + self.sure(sure)
        for block in self.blk:
            x = x + F.silu(block(x))
        return self.output(x)[..., 0]

"""An early exit: one more layer of the target's kind that turns the hidden states after its first layers into guesses.

After Liu et al., Kangaroo, https://arxiv.org/abs/2404.18911, whose adapter has no feed-forward layer. The target's own tied
embeddings are the head, so the guess after a position costs the target's first layers, this one, and the head.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from layers import Block, RmsNorm
from shapes import Config


@dataclass(frozen=True)
class ExitConfig:
    """The shape of an exit: after how many of the target's layers, and the target's shape."""

    layers: int
    target: Config


class Exit(nn.Module):
    """The layer and the norm before the target's head."""

    def __init__(self, config: ExitConfig) -> None:
        super().__init__()
        self.config = config
        self.blk = nn.ModuleList([Block(config.target, 0.0)])
        self.output_norm = RmsNorm(config.target.width, config.target.eps)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.005 if name.endswith(("attn_output.weight", "ffn_down.weight")) else 0.02)

    def forward(self, hidden: Tensor, turns: Tensor) -> Tensor:
        """What the target's head reads, for hidden states (rows x time x width) after the exit's layer."""
        steps = torch.arange(hidden.shape[1])
        mask = torch.zeros(len(steps), len(steps)).masked_fill(steps > steps[:, None], -1e9)
        return self.output_norm(self.blk[0](hidden, turns[steps[None]], mask, None)[0])


def save(module: Exit, path: Path) -> None:
    """Write a checkpoint."""
    partial = path.with_suffix(".partial")
    torch.save({"config": asdict(module.config), "weights": module.state_dict()}, partial)
    partial.replace(path)


def load(path: Path) -> Exit:
    """Read what `save` wrote."""
    checkpoint = torch.load(path, map_location="cpu")
    config = checkpoint["config"]
    module = Exit(ExitConfig(config["layers"], Config(**config["target"])))
    module.load_state_dict(checkpoint["weights"])
    return module.eval()

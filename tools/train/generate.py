"""Batched generation with a key-value cache: rows end on their own, and ended rows leave the batch."""

from __future__ import annotations

from typing import Callable, Sequence

import torch
from torch import Tensor

from model import Model

# Chooses the next id of each row from logits (rows x vocab), the rows' own numbers, and the step.
Chooser = Callable[[Tensor, Tensor, int], Tensor]


def greedy(logits: Tensor, rows: Tensor, step: int) -> Tensor:
    """The likeliest id."""
    return logits.argmax(-1)


def sampled(temperature: float) -> Chooser:
    """Gumbel-max sampling with fresh noise."""

    def choose(logits: Tensor, rows: Tensor, step: int) -> Tensor:
        noise = -torch.empty_like(logits).exponential_().log()
        return (logits / temperature + noise).argmax(-1)

    return choose


@torch.no_grad()
def generate(model: Model, prompts: Sequence[Sequence[int]], choose: Chooser, stop: int, limit: int) -> list[list[int]]:
    """Continue each prompt until `stop` (included) or `limit` new ids."""
    device = model.token_embd.weight.device
    longest = max(map(len, prompts))
    padding = torch.tensor([longest - len(prompt) for prompt in prompts], device=device)
    ids = torch.tensor([[stop] * (longest - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    rows = torch.arange(len(prompts), device=device)
    outputs: list[list[int]] = [[] for _ in prompts]
    past = None
    for step in range(limit):
        logits, past = model(ids, past, padding)
        chosen = choose(logits[:, -1].float(), rows, step)
        for row, token in zip(rows.tolist(), chosen.tolist()):
            if not outputs[row] or outputs[row][-1] != stop:
                outputs[row].append(token)
        going = torch.tensor([outputs[row][-1] != stop for row in rows.tolist()], device=device)
        if not going.any():
            break
        if going.float().mean() < 0.8:
            past = [(keys[going], values[going]) for keys, values in past]
            rows, padding, chosen = rows[going], padding[going], chosen[going]
        ids = chosen[:, None]
    return outputs

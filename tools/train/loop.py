"""The training loop that both models share: optimisers, warm-up and cosine by wall clock, evaluation, checkpoints."""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Callable, ContextManager

import torch
from torch import Tensor
from torch.nn import functional as F

from model import Model, save
from muon import Muon

WARM_UP = 0.03
FINAL_RATE = 0.02


def pick_device() -> torch.device:
    """A CUDA GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed_precision(device: torch.device) -> ContextManager:
    """Run matrix products in bfloat16; weights stay float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every training script."""
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--tokeniser", type=Path, required=True, help="tokeniser.json")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--minutes", type=float, required=True, help="wall-clock budget; the schedule ends with it")
    parser.add_argument("--tokens-per-step", type=int, default=4096, help="raise it on a GPU")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--muon", action="store_true", help="Muon for the layers' matrices")
    parser.add_argument("--eval-every", type=float, default=4.0, help="minutes between evaluations and checkpoints")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--seed", type=int, default=1)


def rate_at(fraction: float, peak: float) -> float:
    """Learning rate once `fraction` of the budget is spent: linear warm-up, then cosine."""
    if fraction < WARM_UP:
        return peak * (fraction + 1e-3) / (WARM_UP + 1e-3)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, (fraction - WARM_UP) / (1 - WARM_UP))))
    return peak * (FINAL_RATE + (1 - FINAL_RATE) * cosine)


def next_token_loss(model: Model, ids: Tensor) -> Tensor:
    """Mean cross-entropy of each id given those before it; ids is rows x (time + 1)."""
    with mixed_precision(ids.device):
        logits, _ = model(ids[:, :-1])
    return F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())


@torch.no_grad()
def evaluate(model: Model, ids: Tensor, rows: int = 8) -> float:
    """Mean next-token loss over packed rows."""
    model.eval()
    losses = [next_token_loss(model, part).item() * len(part) for part in ids.split(rows)]
    model.train()
    return sum(losses) / len(ids)


def make_optimisers(model: Model, args: argparse.Namespace) -> list[torch.optim.Optimizer]:
    """AdamW for everything, or with --muon for all but the layers' matrices."""
    matrices = [p for p in model.blk.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    decayed = [model.token_embd.weight] + ([] if args.muon else matrices)
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.95), foreach=True)
    return [adam, Muon(matrices, args.rate)] if args.muon else [adam]


def fit(model: Model, step: Callable[[], tuple[Tensor, int]], held_out: Tensor, args: argparse.Namespace) -> None:
    """Train until the budget is spent; `step` gives a loss and how many tokens it saw."""
    optimisers = make_optimisers(model, args)
    began, next_eval = time.monotonic(), args.eval_every
    steps = tokens = 0
    running = 0.0
    history: list[dict[str, float]] = []
    model.train()
    while True:
        minutes = (time.monotonic() - began) / 60
        if minutes >= next_eval or minutes >= args.minutes:
            next_eval += args.eval_every
            entry = {"minutes": minutes, "steps": steps, "tokens": tokens, "train": running}
            history.append({**entry, "held_out": evaluate(model, held_out)})
            save(model, args.out, history=history)
            print({key: round(value, 4) for key, value in history[-1].items()}, flush=True)
            if minutes >= args.minutes:
                return
        for group in (group for optimiser in optimisers for group in optimiser.param_groups):
            group["lr"] = rate_at(minutes / args.minutes, args.rate)
        loss, seen = step()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        model.zero_grad(set_to_none=True)
        steps, tokens = steps + 1, tokens + seen
        share = max(0.01, 1 / steps)
        running += share * (loss.item() - running)

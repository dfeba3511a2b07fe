"""Train an early exit on the target's own answers, towards the target's probabilities and its likeliest id."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from corpus import Example, load_corpus
from distil_draft import batches
from exit import Exit, ExitConfig, load as load_exit, save
from loop import mixed_precision
from model import Model, load
from train_head import Features, fit


def exit_loss(module: Exit, target: Model, batch: list[Example], features: Features) -> tuple[Tensor, list[float]]:
    """Cross-entropy to the target's probabilities and to its likeliest id, after the prompts; and how often it agrees."""
    width = max(len(example.ids) for example in batch) - 1
    places = [np.arange(example.prompt - 1, len(example.ids) - 1) + row * width for row, example in enumerate(batch)]
    place = torch.from_numpy(np.concatenate(places))
    tops = torch.from_numpy(np.concatenate([example.top_ids for example in batch]).astype(np.int64))
    shares = torch.from_numpy(np.concatenate([example.top_shares for example in batch])).float()
    shares = shares / shares.sum(-1, keepdim=True)
    with mixed_precision(place.device):
        hidden = module(features.of(batch, width), target.turns)
        logits = F.linear(hidden.flatten(0, 1)[place], target.token_embd.weight)
    likelihoods = logits.float().log_softmax(-1).gather(-1, tops)
    loss = -((shares * likelihoods).sum(-1) + likelihoods[:, 0]).mean()
    return loss, [(logits.argmax(-1) == tops[:, 0]).float().mean().item()]


def main() -> None:
    """Parse the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, required=True, help="the target's checkpoint")
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="files of corpus.py")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--minutes", type=float, required=True, help="wall-clock budget; the schedule ends with it")
    parser.add_argument("--layers", type=int, default=2, help="leave the target after so many layers")
    parser.add_argument("--hidden", type=int, help="width inside the feed-forward layer, when not the target's")
    parser.add_argument("--tokens-per-step", type=int, default=2048)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    target, _ = load(args.target, torch.device("cpu"))
    target.requires_grad_(False)
    examples = [example for path in args.corpus for example in load_corpus(path)]
    if args.start:
        module = load_exit(args.start).train()
    else:
        module = Exit(ExitConfig(args.layers, replace(target.config, hidden=args.hidden or target.config.hidden)))
    print(f"{sum(p.numel() for p in module.parameters())} weights, {len(examples)} examples")
    stream, features = batches(examples, args.tokens_per_step, args.seed), Features(target, (module.config.layers,))

    def step() -> tuple[Tensor, list[float], int]:
        batch = next(stream)
        return (*exit_loss(module, target, batch, features), sum(len(example.ids) for example in batch))

    matrices = [p for p in module.parameters() if p.dim() == 2]
    others = [p for p in module.parameters() if p.dim() == 1]
    fit(module, matrices, others, step, lambda: save(module, args.out), args)


if __name__ == "__main__":
    main()

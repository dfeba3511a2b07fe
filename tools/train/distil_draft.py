"""Train the draft on the target's own answers, towards the target's probabilities and its likeliest id."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Iterator

import numpy as np
import torch
from torch import Tensor

from corpus import Example, load_corpus
from data import packed_once, read_split
from loop import add_options, fit, mixed_precision, pick_device
from model import Model, load
from tokeniser import Tokeniser


def batches(examples: list[Example], tokens: int, seed: int) -> Iterator[list[Example]]:
    """Endless batches of examples of similar length, about `tokens` ids each, padding included."""
    random = np.random.default_rng(seed)
    lengths = np.array([len(example.ids) for example in examples])
    while True:
        order = np.argsort(lengths + random.uniform(0, 16, len(lengths)))
        cuts, start = [], 0
        for end in range(1, len(order) + 1):
            if end == len(order) or (end + 1 - start) * lengths[order[start : end + 1]].max() > tokens:
                cuts.append(order[start:end])
                start = end
        for cut in random.permutation(len(cuts)):
            yield [examples[index] for index in cuts[cut]]


def distillation_loss(model: Model, batch: list[Example], hard: float, device: torch.device) -> Tensor:
    """Cross-entropy to the target's probabilities, plus `hard` times that to its likeliest id, after the prompts."""
    width = max(len(example.ids) for example in batch) - 1
    ids = np.zeros((len(batch), width), dtype=np.int64)
    places = []
    for row, example in enumerate(batch):
        ids[row, : len(example.ids) - 1] = example.ids[:-1]
        places.append(np.arange(example.prompt - 1, len(example.ids) - 1) + row * width)
    tops = torch.from_numpy(np.concatenate([example.top_ids for example in batch]).astype(np.int64)).to(device)
    shares = torch.from_numpy(np.concatenate([example.top_shares for example in batch])).to(device).float()
    shares = shares / shares.sum(-1, keepdim=True)
    with mixed_precision(device):
        hidden, _ = model.hidden(torch.from_numpy(ids).to(device))
        logits = model.head(hidden.flatten(0, 1)[torch.from_numpy(np.concatenate(places)).to(device)])
    likelihoods = logits.float().log_softmax(-1).gather(-1, tops)
    return -((shares * likelihoods).sum(-1) + hard * likelihoods[:, 0]).mean()


def main() -> None:
    """Parse the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--start", type=Path, required=True, help="the draft's checkpoint to start from")
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="files of corpus.py")
    parser.add_argument("--hard", type=float, default=1.0, help="weight of the likeliest id's part of the loss")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = pick_device()
    examples = [example for path in args.corpus for example in load_corpus(path)]
    model, _ = load(args.start, device)
    stream = batches(examples, args.tokens_per_step, args.seed)

    def step() -> tuple[Tensor, int]:
        batch = next(stream)
        return distillation_loss(model, batch, args.hard, device), sum(len(example.ids) for example in batch)

    held_out = packed_once(Tokeniser.load(args.tokeniser), read_split(args.data)[1], 512)
    fit(model, step, held_out.to(device), args)


if __name__ == "__main__":
    main()

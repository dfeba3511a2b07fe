"""Train the target, or the draft's starting point, on GSM8K's questions and answers."""

from __future__ import annotations

import argparse
import random
from dataclasses import replace

import torch
from torch import Tensor

from data import Packer, packed_once, read_split
from loop import add_options, fit, next_token_loss, pick_device
from model import Model
from shapes import DRAFT, TARGET
from tokeniser import Tokeniser

LENGTHS, LENGTH_SHARES = (256, 512, 1024), (80, 16, 4)


def main() -> None:
    """Parse the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=("target", "draft"))
    add_options(parser)
    parser.add_argument("--dropout", type=float, default=0.0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device, lengths = pick_device(), random.Random(args.seed)
    tokeniser = Tokeniser.load(args.tokeniser)
    documents, held_out = read_split(args.data)
    packer = Packer(tokeniser, documents, args.seed)
    shape = replace(TARGET if args.model == "target" else DRAFT, vocab=len(tokeniser.tokens))
    model = Model(shape, args.dropout).to(device)

    def step() -> tuple[Tensor, int]:
        length = lengths.choices(LENGTHS, LENGTH_SHARES)[0]
        ids = packer.batch(max(1, args.tokens_per_step // length), length).to(device)
        return next_token_loss(model, ids), ids[:, 1:].numel()

    fit(model, step, packed_once(tokeniser, held_out, 512).to(device), args)


if __name__ == "__main__":
    main()

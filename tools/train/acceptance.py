"""Measure how many draft tokens the target accepts on GSM8K's test questions.

A draft token is accepted when it equals the token that the target itself chooses there. Both choose by
argmax(logits / temperature + noise) with the same noise for a (question, position, token); greedy has no noise.
An accepted prefix is the target's own text, so one pass of the draft over that text tells every round's outcome.
Every round counts its full draft length as drafted, the last one, cut short by the end of the text, included.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Sequence

import numpy as np
import torch
from torch import Tensor

from data import prompt_ids, read
from export import load_gguf
from generate import Chooser, generate
from loop import pick_device
from model import Model


def coupled(temperature: float, seed: int) -> Chooser:
    """Gumbel-max sampling whose noise depends on seed, row and step alone; temperature 0 is greedy."""

    def choose(logits: Tensor, rows: Tensor, step: int) -> Tensor:
        if temperature == 0:
            return logits.argmax(-1)
        noise = [np.random.default_rng((seed, row, step)).gumbel(size=logits.shape[-1]) for row in rows.tolist()]
        return (logits / temperature + torch.from_numpy(np.stack(noise)).to(logits)).argmax(-1)

    return choose


@torch.no_grad()
def matches(draft: Model, prompt: list[int], text: list[int], choose: Chooser, row: int) -> list[bool]:
    """For each position of the target's text, whether the draft would choose the same id there."""
    ids = torch.tensor([prompt + text[:-1]], device=draft.token_embd.weight.device)
    logits = draft(ids)[0][0, len(prompt) - 1 :]
    number = torch.tensor([row])
    return [int(choose(logits[step : step + 1], number, step)) == token for step, token in enumerate(text)]


def rounds(agreed: Sequence[bool], length: int) -> list[int]:
    """Accepted tokens of each round of a chain of `length` drafts; the target adds one token a round."""
    accepted, position = [], 0
    while position < len(agreed):
        window = agreed[position : position + length]
        accepted.append(window.index(False) if False in window else len(window))
        position += accepted[-1] + 1
    return accepted


def report(name: str, agreed: Sequence[Sequence[bool]], lengths: Sequence[int]) -> None:
    """Print what a group of answers gives for each draft length."""
    if not agreed:
        return
    total = sum(map(len, agreed))
    print(f"  {name}: {total} tokens, the draft agrees at {sum(map(sum, agreed)) / total:.1%}")
    for length in lengths:
        accepted = [count for row in agreed for count in rounds(row, length)]
        rate, mean = sum(accepted) / (length * len(accepted)), sum(accepted) / len(accepted) + 1
        print(f"    draft length {length}: accepted/drafted {rate:.1%}, {mean:.2f} tokens per round")


def main() -> None:
    """Print acceptance for each temperature and draft length."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with test.jsonl")
    parser.add_argument("--target", type=Path, required=True, help="the target's GGUF file")
    parser.add_argument("--draft", type=Path, required=True, help="the draft's GGUF file")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--lengths", type=int, nargs="+", default=[4, 8], help="draft lengths")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.0, 0.8])
    parser.add_argument("--limit", type=int, default=400, help="most new tokens per question")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="print this many answers")
    args = parser.parse_args()
    target, tokeniser = load_gguf(args.target, pick_device())
    draft, _ = load_gguf(args.draft, pick_device())
    documents = read(args.data / "test.jsonl")[: args.questions]
    prompts = [prompt_ids(tokeniser, document.question) for document in documents]
    for temperature in args.temperatures:
        choose = coupled(temperature, args.seed)
        texts = generate(target, prompts, choose, tokeniser.eos, args.limit)
        for document, text in list(zip(documents, texts))[: args.show]:
            print(f"\nQ: {document.question}\nA: {tokeniser.decode(text)}\n")
        agreed = [matches(draft, prompt, text, choose, row) for row, (prompt, text) in enumerate(zip(prompts, texts))]
        ended = [row for row, text in zip(agreed, texts) if text[-1] == tokeniser.eos]
        print(f"temperature {temperature}")
        report(f"all {len(agreed)} answers", agreed, args.lengths)
        report(f"the {len(ended)} that end before {args.limit} tokens", ended, args.lengths)


if __name__ == "__main__":
    main()

"""Let the target answer questions, and keep the answers with its likeliest ids and their probabilities."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Sequence

import numpy as np
import torch

from data import SYSTEM, SYSTEM_SHARE, prompt_ids, read_split
from generate import Chooser, generate, greedy, sampled
from loop import mixed_precision, pick_device
from model import Model, load
from tokeniser import Tokeniser

TOP = 32
QUESTION_LIMIT, ANSWER_LIMIT = 160, 320


@dataclass(frozen=True)
class Example:
    """One chat: its ids, the length of its prompt, and for each id after it the target's TOP ids and probabilities."""

    ids: np.ndarray
    prompt: int
    top_ids: np.ndarray
    top_shares: np.ndarray


def _chunks(items: Sequence, size: int) -> Iterator[Sequence]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def answer(
    model: Model, prompts: list[list[int]], choose: Chooser, stop: int, limit: int, batch: int
) -> list[list[int]]:
    """Prompts with their continuations; those that do not end within the limit are left out."""
    answered: list[list[int]] = []
    for part in _chunks(sorted(prompts, key=len), batch):
        with mixed_precision(model.token_embd.weight.device):
            texts = generate(model, part, choose, stop, limit)
        answered += [prompt + text for prompt, text in zip(part, texts) if text[-1] == stop]
        print(f"\r{len(answered)} of {len(prompts)}", end="", flush=True)
    print()
    return answered


@torch.no_grad()
def label(model: Model, chats: list[list[int]], tokeniser: Tokeniser, batch: int) -> Iterator[Example]:
    """Attach the target's distribution to each id after the prompt."""
    device, assistant = model.token_embd.weight.device, tokeniser.ids["<|assistant|>"]
    for part in _chunks(sorted(chats, key=len), batch):
        width = max(map(len, part))
        ids = torch.tensor([chat + [tokeniser.bos] * (width - len(chat)) for chat in part], device=device)
        with mixed_precision(device):
            logits, _ = model(ids)
        shares, tops = logits.float().softmax(-1).topk(TOP)
        for row, chat in enumerate(part):
            prompt = chat.index(assistant) + 1
            span = slice(prompt - 1, len(chat) - 1)
            yield Example(
                np.array(chat, dtype=np.int16),
                prompt,
                tops[row, span].cpu().numpy().astype(np.int16),
                shares[row, span].cpu().numpy().astype(np.float16),
            )


def save(path: Path, examples: Sequence[Example]) -> None:
    """Write a corpus."""
    np.savez(
        path,
        ids=np.concatenate([example.ids for example in examples]),
        lengths=np.array([len(example.ids) for example in examples]),
        prompts=np.array([example.prompt for example in examples]),
        top_ids=np.concatenate([example.top_ids for example in examples]),
        top_shares=np.concatenate([example.top_shares for example in examples]),
    )


def load_corpus(path: Path) -> list[Example]:
    """Read what `save` wrote."""
    with np.load(path) as file:
        lengths, prompts = file["lengths"], file["prompts"]
        ids = np.split(file["ids"], np.cumsum(lengths)[:-1])
        cuts = np.cumsum(lengths - prompts)[:-1]
        labels = np.split(file["top_ids"], cuts), np.split(file["top_shares"], cuts)
    return [Example(*fields) for fields in zip(ids, prompts.tolist(), *labels)]


def main() -> None:
    """Answer the training questions, and questions of the target's own making."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--tokeniser", type=Path, required=True, help="tokeniser.json")
    parser.add_argument("--target", type=Path, required=True, help="the target's checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="corpus.npz to write")
    parser.add_argument("--greedy", action="store_true", help="answer each question greedily")
    parser.add_argument("--samples", type=int, default=0, help="answers at --temperature per question")
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--invent", type=int, default=0, help="take this many invented questions, not GSM8K's")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    tokeniser = Tokeniser.load(args.tokeniser)
    model, _ = load(args.target, pick_device())
    if args.invent:
        openings = [[tokeniser.bos, tokeniser.ids["<|user|>"]]] * args.invent
        questions = answer(model, openings, sampled(1.0), tokeniser.eos, QUESTION_LIMIT, args.batch)
        prompts = [question + [tokeniser.ids["<|assistant|>"]] for question in questions]
    else:
        documents, random = read_split(args.data)[0], np.random.default_rng(args.seed)
        systems = [SYSTEM if share < SYSTEM_SHARE else None for share in random.random(len(documents))]
        prompts = [prompt_ids(tokeniser, document.question, system) for document, system in zip(documents, systems)]
    choosers = [greedy] * args.greedy + [sampled(args.temperature)] * args.samples
    chats = []
    for choose in choosers:
        chats += answer(model, prompts, choose, tokeniser.eos, ANSWER_LIMIT, args.batch)
    save(args.out, list(label(model, chats, tokeniser, args.batch // 8)))


if __name__ == "__main__":
    main()

"""Let the target answer questions, and keep the answers with its likeliest ids and their probabilities."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Iterator, Sequence

import numpy as np
import torch

from corpus import TOP, Example, save
from data import SYSTEM, SYSTEM_SHARE, document_ids, prompt_ids, read_split
from generate import Chooser, generate, greedy, sampled
from loop import mixed_precision, pick_device
from model import Model, load
from tokeniser import Tokeniser

QUESTION_LIMIT, ANSWER_LIMIT = 160, 256


def _chunks(items: Sequence, size: int) -> Iterator[Sequence]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def answer(
    model: Model, prompts: list[list[int]], choose: Chooser, stop: int, limit: int, batch: int
) -> list[list[int]]:
    """Prompts with their continuations; one that goes in circles is cut at the limit."""
    answered: list[list[int]] = []
    for part in _chunks(sorted(prompts, key=len), batch):
        with mixed_precision(model.token_embd.weight.device):
            texts = generate(model, part, choose, stop, limit)
        answered += [prompt + text for prompt, text in zip(part, texts)]
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


def invented_prompts(model: Model, tokeniser: Tokeniser, count: int, batch: int) -> list[list[int]]:
    """Questions that the target makes up, as prompts; those that do not end are left out."""
    openings = [[tokeniser.bos, tokeniser.ids["<|user|>"]]] * count
    questions = answer(model, openings, sampled(1.0), tokeniser.eos, QUESTION_LIMIT, batch)
    return [ids + [tokeniser.ids["<|assistant|>"]] for ids in questions if ids[-1] == tokeniser.eos]


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--tokeniser", type=Path, required=True, help="tokeniser.json")
    parser.add_argument("--target", type=Path, required=True, help="the target's checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="corpus.npz to write")
    parser.add_argument("--greedy", action="store_true", help="answer each question greedily")
    parser.add_argument("--written", action="store_true", help="label GSM8K's own answers too")
    parser.add_argument("--samples", type=int, default=0, help="answers at --temperature per question")
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--invent", type=int, default=0, help="take this many invented questions, not GSM8K's")
    parser.add_argument("--parts", type=int, default=1, help="cut GSM8K's questions into this many parts")
    parser.add_argument("--part", type=int, default=0, help="and answer this one, counted from 0")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Answer the training questions, or questions of the target's own making."""
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    tokeniser = Tokeniser.load(args.tokeniser)
    model, _ = load(args.target, pick_device())
    chats: list[list[int]] = []
    if args.invent:
        prompts = invented_prompts(model, tokeniser, args.invent, args.batch)
    else:
        documents, random = read_split(args.data)[0], np.random.default_rng(args.seed)
        systems = [SYSTEM if share < SYSTEM_SHARE else None for share in random.random(len(documents))]
        chosen = list(zip(documents, systems))[args.part :: args.parts]
        prompts = [prompt_ids(tokeniser, document.question, system) for document, system in chosen]
        if args.written:
            chats += [document_ids(tokeniser, document, system) for document, system in chosen]
    for choose in [greedy] * args.greedy + [sampled(args.temperature)] * args.samples:
        chats += answer(model, prompts, choose, tokeniser.eos, ANSWER_LIMIT, args.batch)
    save(args.out, list(label(model, chats, tokeniser, args.batch // 8)))


if __name__ == "__main__":
    main()

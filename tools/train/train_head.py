"""Train a head of EAGLE-3's kind on the target's own answers: every guess is trained on the guesses before it."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Callable

import numpy as np
import torch
from torch import Tensor, nn

from corpus import Example, load_corpus
from distil_draft import batches
from head import Head, HeadConfig, save
from head import load as load_head
from loop import mixed_precision, rate_at
from model import Model, load
from muon import Muon

DEPTH_SHARES = (1.0, 0.8, 0.64, 0.5)


class Features:
    """The target's hidden states over a corpus, computed once and kept as halves."""

    def __init__(self, target: Model, layers: tuple[int, ...]) -> None:
        self._target, self._layers = target, layers
        self._kept: dict[int, Tensor] = {}

    @torch.no_grad()
    def of(self, examples: list[Example], width: int) -> Tensor:
        """Rows x width x (layers * target width), zero past an example's end."""
        missing = [example for example in examples if id(example) not in self._kept]
        if missing:
            ids = torch.zeros(len(missing), width, dtype=torch.long)
            for row, example in enumerate(missing):
                ids[row, : len(example.ids) - 1] = torch.from_numpy(example.ids[:-1].astype(np.int64))
            with mixed_precision(ids.device):
                taken = hidden_states(self._target, ids, self._layers)
            for row, example in enumerate(missing):
                self._kept[id(example)] = taken[row, : len(example.ids) - 1].half()
        rows = torch.zeros(len(examples), width, self._kept[id(examples[0])].shape[1])
        for row, example in enumerate(examples):
            kept = self._kept[id(example)]
            rows[row, : len(kept)] = kept.float()
        return rows


def hidden_states(target: Model, ids: Tensor, layers: tuple[int, ...]) -> Tensor:
    """The target's hidden states after each of `layers` layers, side by side."""
    steps = torch.arange(ids.shape[1])
    mask = torch.zeros(len(steps), len(steps)).masked_fill(steps > steps[:, None], -1e9)
    x, taken = target.token_embd(ids), []
    for index, block in enumerate(target.blk[: max(layers)]):
        x, _ = block(x, target.turns[steps[None]], mask, None)
        if index + 1 in layers:
            taken.append(x.float())
    return torch.cat(taken, -1)


def head_loss(head: Head, batch: list[Example], features: Features, to_draft: Tensor) -> tuple[Tensor, list[float]]:
    """Cross-entropy to the target's probabilities and to its likeliest id, over the guesses; and how often each agrees."""
    width = max(len(example.ids) for example in batch) - 1
    ids = torch.zeros(len(batch), width + 1, dtype=torch.long)
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.from_numpy(example.ids.astype(np.int64))
    states = features.of(batch, width)
    tops = torch.from_numpy(np.concatenate([example.top_ids for example in batch]).astype(np.int64))
    shares = torch.from_numpy(np.concatenate([example.top_shares for example in batch])).float()
    tops, known = to_draft[tops].clamp(min=0), to_draft[tops] >= 0
    shares = shares * known
    shares = shares / shares.sum(-1, keepdim=True).clamp(min=1e-6)
    starts = np.cumsum([0] + [len(example.ids) - example.prompt for example in batch])
    total, agreed = torch.zeros(()), []
    with mixed_precision(ids.device):
        outputs = head.guesses(ids, states, len(DEPTH_SHARES))
    for depth, (share, output) in enumerate(zip(DEPTH_SHARES, outputs)):
        # The guess after position i is about position i + depth + 2, the first about the answer's second id.
        places, labels = [], []
        for row, example in enumerate(batch):
            count = len(example.ids) - example.prompt - depth - 1
            places.append(np.arange(max(0, count)) + row * width + example.prompt - 1)
            labels.append(np.arange(max(0, count)) + starts[row] + depth + 1)
        place, label = (torch.from_numpy(np.concatenate(part)) for part in (places, labels))
        with mixed_precision(ids.device):
            logits = head.lm_head(head.norm(output.flatten(0, 1)[place]))
        likelihoods = logits.float().log_softmax(-1).gather(-1, tops[label])
        first = known[label][:, 0]
        total = total - share * ((shares[label] * likelihoods).sum(-1) + first * likelihoods[:, 0]).mean()
        agreed.append(((logits.argmax(-1) == tops[label][:, 0]) & first).float().mean().item())
    return total / sum(DEPTH_SHARES), agreed


def common_tokens(examples: list[Example], count: int, vocab: int) -> Tensor:
    """The answers' commonest ids, ascending."""
    counts = np.zeros(vocab)
    for example in examples:
        np.add.at(counts, example.ids[example.prompt :], 1)
    kept = np.sort(np.argsort(-counts, kind="stable")[:count])
    print(f"the head's {count} tokens are {counts[kept].sum() / counts.sum():.2%} of the answers'", flush=True)
    return torch.from_numpy(kept)


def fit(
    module: nn.Module,
    matrices: list[nn.Parameter],
    others: list[nn.Parameter],
    step: Callable[[], tuple[Tensor, list[float], int]],
    keep: Callable[[], None],
    args: argparse.Namespace,
) -> None:
    """Train until the budget is spent, from the first step on.

    `step` gives a batch's loss, what else to report of it, and its ids; `keep` writes a checkpoint. Muon takes `matrices`.
    """
    adam = torch.optim.AdamW(others, lr=args.rate, betas=(0.9, 0.95), weight_decay=0.01, foreach=True)
    optimisers = [adam, Muon(matrices, args.rate)]
    began, next_report, steps, tokens, average = time.monotonic(), 1.0, 0, 0, None
    while True:
        minutes = (time.monotonic() - began) / 60
        if minutes >= min(next_report, args.minutes):
            next_report += 1.0
            keep()
            print(f"{minutes:.1f} min, {steps} steps, {tokens} tokens: {np.round(average, 4).tolist()}", flush=True)
            if minutes >= args.minutes:
                return
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate_at(minutes / args.minutes, args.rate)
        loss, facts, count = step()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        module.zero_grad(set_to_none=True)
        steps, tokens = steps + 1, tokens + count
        seen = np.array([loss.item(), *facts])
        average = seen if average is None else average + max(0.02, 1 / steps) * (seen - average)


def main() -> None:
    """Parse the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, required=True, help="the target's checkpoint")
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="files of corpus.py")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--minutes", type=float, required=True, help="wall-clock budget; the schedule ends with it")
    parser.add_argument("--layers", type=int, nargs="+", default=[3, 4, 5], help="take hidden states after so many layers")
    parser.add_argument("--draft-vocab", type=int, default=1024, help="tokens that the head can guess")
    parser.add_argument("--tokens-per-step", type=int, default=2048)
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    target, _ = load(args.target, torch.device("cpu"))
    examples = [example for path in args.corpus for example in load_corpus(path)]
    shape = HeadConfig(target.config.width, tuple(args.layers), args.draft_vocab, vocab=target.config.vocab)
    head = load_head(args.start) if args.start else Head(shape, common_tokens(examples, args.draft_vocab, shape.vocab))
    shape, count = head.config, torch.arange(head.config.draft_vocab)
    to_draft = torch.full((shape.vocab,), -1, dtype=torch.long)
    to_draft[count + head.d2t] = count
    print(f"{sum(p.numel() for p in head.parameters())} weights; {shape.step_weights} a guess, {shape.row_weights} a position")
    stream, features = batches(examples, args.tokens_per_step, args.seed), Features(target, shape.layers)

    def step() -> tuple[Tensor, list[float], int]:
        batch = next(stream)
        return (*head_loss(head, batch, features, to_draft), sum(len(example.ids) for example in batch))

    matrices = [p for p in head.midlayer.parameters() if p.dim() == 2]
    others = [p for name, p in head.named_parameters() if p.dim() == 1 or "midlayer" not in name]
    fit(head, matrices, others, step, lambda: save(head, args.out), args)


if __name__ == "__main__":
    main()

"""Train a stop head on texts of the target that the draft was not distilled on, and write its GGUF file.

Before a token that the target refuses, the draft's context is the target's own text: so one pass of the draft over texts gives all the hidden states there are to learn from. At
each place draft and target draw with the same noise, fresh every time; the label is whether they draw the same.
"""

from __future__ import annotations

import argparse
import hashlib
import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import gguf
from corpus import Example, load_corpus
from export import load_gguf
from model import Model
from stop import StopHead, sureness

HELD_OUT = 10  # One text in so many.
GREEDY_SHARE, LEAST_TEMPERATURE = 0.5, 0.3


@torch.no_grad()
def hidden_states(draft: Model, examples: list[Example]) -> Tensor:
    """The draft's states before its last norm, at every place where it would draw a token of an answer."""
    norm, draft.output_norm = draft.output_norm, nn.Identity()
    states = []
    for example in examples:
        ids = torch.from_numpy(example.ids[:-1].astype(np.int64))[None]
        states.append(draft.hidden(ids)[0][0, example.prompt - 1 :])
    draft.output_norm = norm
    return torch.cat(states)


@torch.no_grad()
def draw(draft: Model, hidden: Tensor, tops: Tensor, shares: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
    """How sure each draw of the draft is, and whether the target draws the same; temperature 0 is greedy."""
    logits = draft.head(draft.output_norm(hidden))
    sampled = (temperature > 0)[:, None]
    scale = torch.where(temperature > 0, temperature, torch.ones_like(temperature))[:, None]
    noise = torch.where(sampled, -torch.empty_like(logits).exponential_().log(), torch.zeros(()))
    best = (logits / scale + noise).topk(2, -1)
    token = best.indices[:, :1]
    lead = (best.values[:, 0] - best.values[:, 1]) * scale[:, 0]
    chosen = (shares / scale + noise.gather(-1, tops)).argmax(-1, keepdim=True)
    kept = (tops.gather(-1, chosen) == token)[:, 0].float()
    return sureness((logits / scale).log_softmax(-1).gather(-1, token)[:, 0], lead), kept


def labels(examples: list[Example]) -> tuple[Tensor, Tensor]:
    """The target's likeliest ids at every place, and the logarithms of their probabilities."""
    tops = torch.from_numpy(np.concatenate([example.top_ids for example in examples]).astype(np.int64))
    shares = torch.from_numpy(np.concatenate([example.top_shares for example in examples]).astype(np.float32))
    return tops, shares.clamp(min=1e-7).log()


def order(scores: Tensor, kept: Tensor) -> float:
    """How often a kept token scores above a refused one."""
    ranks = torch.empty(len(scores))
    ranks[scores.argsort()] = torch.arange(len(scores)).float()
    count = kept.sum()
    return ((ranks[kept > 0].mean() - (count - 1) / 2) / (len(kept) - count)).item()


@torch.no_grad()
def report(head: StopHead, draft: Model, hidden: Tensor, tops: Tensor, shares: Tensor) -> None:
    """Loss and order on texts held out, beside what the token's probability and its lead alone say."""
    for temperature in (0.0, 0.8):
        sure, kept = draw(draft, hidden, tops, shares, torch.full((len(hidden),), temperature))
        logits = head(hidden, sure)
        loss = F.binary_cross_entropy_with_logits(logits, kept).item()
        print(
            f"temperature {temperature}: {len(kept)} places, {kept.mean().item():.1%} kept; the head's loss {loss:.3f}, order {order(logits, kept):.3f}; "
            f"by probability {order(sure[:, 0], kept):.3f}, by lead {order(sure[:, 1], kept):.3f}",
            flush=True,
        )


def content_hash(path: Path) -> str:
    """A model's content hash, as `winnow inspect` prints it."""
    data = path.read_bytes()
    return hashlib.sha256(struct.pack("<q", len(data)) + data).hexdigest()[:32]


def export(head: StopHead, draft: Model, drafts: list[Path], path: Path) -> None:
    """Write the GGUF file: matrices F16, vectors F32."""
    keys = {
        "general.architecture": "stop_head",
        "general.name": path.stem,
        "general.license": "apache-2.0",
        "general.alignment": gguf.ALIGNMENT,
        "stop_head.embedding_length": draft.config.width,
        "stop_head.width": head.hidden.out_features,
        "stop_head.block_count": len(head.blk),
        "stop_head.vocabulary_size": draft.config.vocab,
        "stop_head.layer_norm_rms_epsilon": float(draft.config.eps),
        "stop_head.draft_hashes": [content_hash(each) for each in drafts],
    }
    tensors = {name: weight.detach().float().numpy() for name, weight in head.state_dict().items()}
    tensors["output.weight"] = tensors["output.weight"][0]
    gguf.write(path, keys, tensors, gguf.F16)
    print(f"{path}: {path.stat().st_size:,} bytes")


def main() -> None:
    """Parse the options, train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draft", type=Path, nargs="+", required=True, help="the draft's GGUF file, and others of the same weights that the head is for too")
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="files of corpus.py")
    parser.add_argument("--out", type=Path, required=True, help="GGUF file to write")
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--blocks", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--rows", type=int, default=1024, help="places a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate; it falls to nothing")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    draft, _ = load_gguf(args.draft[0], torch.device("cpu"))
    draft.requires_grad_(False)
    texts = [example for path in args.corpus for example in load_corpus(path)]
    kept_apart, trained_on = texts[::HELD_OUT], [text for index, text in enumerate(texts) if index % HELD_OUT]
    hidden, (tops, shares) = hidden_states(draft, trained_on), labels(trained_on)
    head = StopHead(draft.config.width, args.width, args.blocks, draft.config.eps)
    optimiser = torch.optim.AdamW(head.parameters(), lr=args.rate, weight_decay=0.05)
    steps, step = args.epochs * (len(hidden) // args.rows), 0
    print(f"{sum(p.numel() for p in head.parameters())} weights, {len(trained_on)} texts, {len(hidden)} places, {steps} steps", flush=True)
    for _ in range(args.epochs):
        for rows in torch.randperm(len(hidden)).split(args.rows)[: len(hidden) // args.rows]:
            optimiser.param_groups[0]["lr"] = args.rate * (1 - step / steps)
            step += 1
            lots = torch.rand(len(rows))
            temperature = torch.where(lots < GREEDY_SHARE, torch.zeros(()), LEAST_TEMPERATURE + torch.rand(len(rows)) * (1 - LEAST_TEMPERATURE))
            sure, kept = draw(draft, hidden[rows], tops[rows], shares[rows], temperature)
            loss = F.binary_cross_entropy_with_logits(head(hidden[rows], sure), kept)
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
    report(head, draft, hidden_states(draft, kept_apart), *labels(kept_apart))
    export(head, draft, args.draft, args.out)


if __name__ == "__main__":
    main()

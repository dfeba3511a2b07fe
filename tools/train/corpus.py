"""The target's answers, with its likeliest ids and their probabilities, as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import numpy as np

TOP = 32


@dataclass(frozen=True)
class Example:
    """One chat: its ids, the length of its prompt, and for each id after it the target's TOP ids and probabilities."""

    ids: np.ndarray
    prompt: int
    top_ids: np.ndarray
    top_shares: np.ndarray


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

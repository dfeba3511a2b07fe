"""GSM8K questions and answers as chat documents, and batches packed from them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Sequence

import numpy as np
import torch

from tokeniser import Tokeniser

SYSTEM = "You are a helpful assistant that solves grade-school maths problems step by step."
SYSTEM_SHARE = 0.1
HELD_OUT = 300


@dataclass(frozen=True)
class Document:
    """One question with its worked answer."""

    question: str
    answer: str


def read(path: Path) -> list[Document]:
    """Read a GSM8K file, without the calculator annotations `<<...>>`."""
    if not path.is_file():
        raise SystemExit(f"{path} is missing: --data takes the folder with GSM8K's train.jsonl and test.jsonl")
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Document(row["question"].strip(), re.sub(r"<<.*?>>", "", row["answer"]).strip()) for row in rows]


def read_split(folder: Path) -> tuple[list[Document], list[Document]]:
    """The training documents, and the last of train.jsonl held out."""
    documents = read(folder / "train.jsonl")
    return documents[:-HELD_OUT], documents[-HELD_OUT:]


def to_text(document: Document) -> str:
    """The words of a document, for training the tokeniser."""
    return f"{document.question}\n{document.answer}"


def prompt_ids(tokeniser: Tokeniser, question: str, system: str | None = None) -> list[int]:
    """The ids of the chat template with add_generation_prompt."""
    ids = [tokeniser.bos]
    if system is not None:
        ids += [tokeniser.ids["<|system|>"], *tokeniser.encode(system), tokeniser.eos]
    ids += [tokeniser.ids["<|user|>"], *tokeniser.encode(question), tokeniser.eos]
    return [*ids, tokeniser.ids["<|assistant|>"]]


def document_ids(tokeniser: Tokeniser, document: Document, system: str | None = None) -> list[int]:
    """The ids of a whole document, its <|end|> included."""
    return [*prompt_ids(tokeniser, document.question, system), *tokeniser.encode(document.answer), tokeniser.eos]


class Packer:
    """Endless batches of packed documents, reshuffled every pass."""

    def __init__(self, tokeniser: Tokeniser, documents: Sequence[Document], seed: int) -> None:
        self._variants = [
            [np.array(document_ids(tokeniser, document, system), dtype=np.int16) for system in (None, SYSTEM)]
            for document in documents
        ]
        self._random = np.random.default_rng(seed)
        self._stream = self._documents()
        self._rest = np.empty(0, dtype=np.int16)

    def _documents(self) -> Iterator[np.ndarray]:
        while True:
            for index in self._random.permutation(len(self._variants)):
                yield self._variants[index][int(self._random.random() < SYSTEM_SHARE)]

    def batch(self, rows: int, length: int) -> torch.Tensor:
        """The next rows x (length + 1) ids: inputs and, one further, their targets."""
        parts, have = [self._rest], len(self._rest)
        while have < rows * (length + 1):
            parts.append(next(self._stream))
            have += len(parts[-1])
        flat = np.concatenate(parts)
        used, self._rest = np.split(flat, [rows * (length + 1)])
        return torch.from_numpy(used.astype(np.int64)).view(rows, length + 1)


def packed_once(tokeniser: Tokeniser, documents: Sequence[Document], length: int) -> torch.Tensor:
    """All documents in one pass, in order, as rows x (length + 1) ids; the last short row is dropped."""
    flat = [token for document in documents for token in document_ids(tokeniser, document)]
    rows = len(flat) // (length + 1)
    return torch.tensor(flat[: rows * (length + 1)]).view(rows, length + 1)

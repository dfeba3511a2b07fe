"""Learn the tokeniser's merges from GSM8K's questions and answers."""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path
from typing import Iterable

from data import read_split, to_text
from splitter import split
from tokeniser import SPECIALS, VOCAB_SIZE, Tokeniser, merge, spell


def train(texts: Iterable[str], vocab_size: int = VOCAB_SIZE) -> Tokeniser:
    """Learn merges from texts: most frequent pair first, ties by the smaller pair, so a rerun gives the same."""
    counts = Counter(piece for text in texts for piece in split(text))
    words = {piece: spell(piece) for piece in counts}
    pair_counts: Counter[tuple[str, str]] = Counter()
    pair_words: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def count(piece: str, sign: int) -> None:
        for pair in zip(words[piece], words[piece][1:]):
            pair_counts[pair] += sign * counts[piece]
            pair_words[pair].add(piece)

    for piece in words:
        count(piece, +1)
    merges: list[tuple[str, str]] = []
    while len(merges) < vocab_size - 256 - len(SPECIALS):
        best = min(pair_counts, key=lambda pair: (-pair_counts[pair], pair))
        if pair_counts[best] < 1:
            raise ValueError(f"the texts are too few for a vocabulary of {vocab_size}")
        merges.append(best)
        for piece in list(pair_words[best]):
            count(piece, -1)
            words[piece] = merge(words[piece], best)
            count(piece, +1)
    return Tokeniser(merges)


def main() -> None:
    """Learn and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="tokeniser.json to write")
    parser.add_argument("--size", type=int, default=VOCAB_SIZE, help="tokens, bytes and specials included")
    args = parser.parse_args()
    documents, _ = read_split(args.data)
    tokeniser = train((to_text(document) for document in documents), args.size)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    tokeniser.save(args.out)
    print(f"{len(tokeniser.tokens)} tokens")


if __name__ == "__main__":
    main()

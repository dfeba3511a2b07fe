"""Byte-level BPE in plain Python: the qwen2 pre-tokeniser, training, encoding, decoding.

The pre-tokeniser is exact to this pattern, which Python's `re` cannot express (it lacks \\p classes):

    (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*
    |\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+

Text is not normalised, and the contractions match ASCII letters only, as in llama.cpp.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Iterable

VOCAB_SIZE = 2048
SPECIALS = ["<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]

_CONTRACTIONS = ("s", "t", "re", "ve", "m", "ll", "d")
_WHITE_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


@lru_cache(maxsize=None)
def _kind(char: str) -> str:
    """The class of one character: L(etter), N(umber), S(pace) or P (anything else)."""
    if char in _WHITE_SPACE:
        return "S"
    category = unicodedata.category(char)[0]
    return category if category in "LN" else "P"


def _contraction(text: str, start: int) -> int:
    """Length of the contraction that begins at `start`, or 0."""
    for tail in _CONTRACTIONS:
        candidate = text[start + 1 : start + 1 + len(tail)]
        if candidate.isascii() and candidate.lower() == tail:
            return 1 + len(tail)
    return 0


def _run(text: str, start: int, kind: str) -> int:
    """End of the run of characters of one class that begins at `start`."""
    end = start
    while end < len(text) and _kind(text[end]) == kind:
        end += 1
    return end


def _space_end(text: str, start: int) -> int:
    """End of a whitespace piece: up to the last newline, else all but the space that leads the next word."""
    end = _run(text, start, "S")
    last_newline = max(text.rfind("\n", start, end), text.rfind("\r", start, end))
    if last_newline >= 0:
        return last_newline + 1
    return end if end == len(text) or end - start == 1 else end - 1


def _piece_end(text: str, start: int) -> int:
    """End of the pre-token that begins at `start`: the pattern's alternatives, in its order."""
    char, kind = text[start], _kind(text[start])
    if char == "'" and (length := _contraction(text, start)):
        return start + length
    if kind == "L":
        return _run(text, start, "L")
    if kind == "N":
        return start + 1
    following = _kind(text[start + 1]) if start + 1 < len(text) else ""
    if char not in "\r\n" and following == "L":
        return _run(text, start + 1, "L")
    if kind == "P" or (char == " " and following == "P"):
        end = _run(text, start + (char == " "), "P")
        while end < len(text) and text[end] in "\r\n":
            end += 1
        return end
    return _space_end(text, start)


def split(text: str) -> list[str]:
    """Cut text into pre-tokens; joined again they give the text back."""
    pieces, start = [], 0
    while start < len(text):
        end = _piece_end(text, start)
        pieces.append(text[start:end])
        start = end
    return pieces


def byte_alphabet() -> list[str]:
    """GPT-2's printable character for each byte value."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


_BYTE_TO_CHAR = byte_alphabet()
_CHAR_TO_BYTE = {char: byte for byte, char in enumerate(_BYTE_TO_CHAR)}


def _spell(piece: str) -> tuple[str, ...]:
    """A pre-token's UTF-8 bytes, spelt in the byte alphabet."""
    return tuple(_BYTE_TO_CHAR[byte] for byte in piece.encode("utf-8"))


def _merge(symbols: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    """Join each occurrence of `pair`, from the left."""
    merged, index = [], 0
    while index < len(symbols):
        if symbols[index : index + 2] == pair:
            merged.append(pair[0] + pair[1])
            index += 2
        else:
            merged.append(symbols[index])
            index += 1
    return tuple(merged)


class Tokeniser:
    """Encodes text with learned merges. Ids: 256 bytes, the merges in order, then the specials."""

    def __init__(self, merges: list[tuple[str, str]]) -> None:
        self.merges = merges
        self.tokens = _BYTE_TO_CHAR + [left + right for left, right in merges] + SPECIALS
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._cache: dict[str, list[int]] = {}

    @property
    def bos(self) -> int:
        """The id of <|endoftext|>: begins every document, and pads."""
        return self.ids["<|endoftext|>"]

    @property
    def eos(self) -> int:
        """The id of <|end|>: closes every message."""
        return self.ids["<|end|>"]

    def encode(self, text: str) -> list[int]:
        """Ids of plain text; a special token's name inside it is ordinary text."""
        return [token for piece in split(text) for token in self._encode_piece(piece)]

    def _encode_piece(self, piece: str) -> list[int]:
        if piece not in self._cache:
            symbols = _spell(piece)
            while len(symbols) > 1:
                best = min(zip(symbols, symbols[1:]), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
                if best not in self._ranks:
                    break
                symbols = _merge(symbols, best)
            self._cache[piece] = [self.ids[symbol] for symbol in symbols]
        return self._cache[piece]

    def decode(self, tokens: Iterable[int]) -> str:
        """Text of ids; special tokens appear by name, bytes that are not UTF-8 as U+FFFD."""
        first_special = len(self.tokens) - len(SPECIALS)
        data = bytearray()
        for token in tokens:
            name = self.tokens[token]
            data += name.encode() if token >= first_special else bytes(_CHAR_TO_BYTE[char] for char in name)
        return data.decode("utf-8", errors="replace")

    def save(self, path: Path) -> None:
        """Write the merges as JSON."""
        path.write_text(json.dumps({"merges": [" ".join(pair) for pair in self.merges]}, ensure_ascii=False, indent=0))

    @classmethod
    def load(cls, path: Path) -> "Tokeniser":
        """Read what `save` wrote."""
        merges = [tuple(line.split(" ")) for line in json.loads(path.read_text())["merges"]]
        return cls(merges)


def train(texts: Iterable[str], vocab_size: int = VOCAB_SIZE) -> Tokeniser:
    """Learn merges from texts: most frequent pair first, ties by the smaller pair, so a rerun gives the same."""
    counts = Counter(piece for text in texts for piece in split(text))
    words = {piece: _spell(piece) for piece in counts}
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
            words[piece] = _merge(words[piece], best)
            count(piece, +1)
    return Tokeniser(merges)


def main() -> None:
    """Train on the questions and answers and save the merges."""
    from data import read_split, to_text

    parser = argparse.ArgumentParser(description="Train the byte-level BPE tokeniser.")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="tokeniser.json to write")
    args = parser.parse_args()
    documents, _ = read_split(args.data)
    tokeniser = train(to_text(document) for document in documents)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    tokeniser.save(args.out)
    print(f"{len(tokeniser.tokens)} tokens")


if __name__ == "__main__":
    main()

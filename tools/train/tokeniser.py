"""Byte-level BPE in plain Python: encoding and decoding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Iterable

from splitter import split

VOCAB_SIZE = 2048
SPECIALS = ["<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]


def byte_alphabet() -> list[str]:
    """GPT-2's printable character for each byte value."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(spare)) for byte in range(256)]


_BYTE_TO_CHAR = byte_alphabet()
_CHAR_TO_BYTE = {char: byte for byte, char in enumerate(_BYTE_TO_CHAR)}


def spell(piece: str) -> tuple[str, ...]:
    """A pre-token's UTF-8 bytes, spelt in the byte alphabet."""
    return tuple(_BYTE_TO_CHAR[byte] for byte in piece.encode("utf-8"))


def merge(symbols: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
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
            symbols = spell(piece)
            while len(symbols) > 1:
                best = min(zip(symbols, symbols[1:]), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
                if best not in self._ranks:
                    break
                symbols = merge(symbols, best)
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

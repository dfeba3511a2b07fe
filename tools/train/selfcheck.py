"""Check, in seconds and without data, that the tokeniser round-trips and that GGUF files read back."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import numpy as np
import torch

import gguf
from export import load_gguf, metadata, tensors
from generate import generate, greedy
from model import Model
from shapes import DRAFT
from splitter import split
from tokeniser import VOCAB_SIZE, Tokeniser
from train_tokeniser import train

# What the pattern in splitter.py gives, found with an engine that knows \p classes.
SPLITS = {
    "I'll don't I'LL 'S 'x": ["I", "'ll", " don", "'t", " I", "'LL", " '", "S", " '", "x"],
    "12 345 ½": ["1", "2", " ", "3", "4", "5", " ", "½"],
    "a  b\t\tc \n\n  d  ": ["a", " ", " b", "\t", "\tc", " \n\n", " ", " d", "  "],
    "x=(y) != -3.5!!\r\n\r\n": ["x", "=(", "y", ")", " !=", " -", "3", ".", "5", "!!\r\n\r\n"],
    "naïve Straße 東京 e\u0301": ["naïve", " Straße", " 東京", " e", "\u0301"],
    "a\u00a0b\u3000\u200dc": ["a", "\u00a0b", "\u3000", "\u200dc"],
    "$5 (five) \x00\x1f": ["$", "5", " (", "five", ")", " \x00\x1f"],
    " \n x": [" \n", " x"],
}
TEXTS = [*SPLITS, "", " ", "🙂👩‍👩‍👧 flags 🇳🇱", "\ufeffBOM", "عربى ٣٤", "ก็ไทย", "𝒳² Ⅷ", "".join(map(chr, range(0x300)))]


def check_tokeniser(tokeniser: Tokeniser) -> None:
    """Pieces are the pattern's, and every text comes back."""
    for text, expected in SPLITS.items():
        assert split(text) == expected, (text, split(text))
    for text in TEXTS:
        assert tokeniser.decode(tokeniser.encode(text)) == text, text
    assert len(tokeniser.tokens) == len(set(tokeniser.tokens)) == VOCAB_SIZE


def check_gguf(tokeniser: Tokeniser, folder: Path) -> None:
    """Metadata and weights come back, and a read model generates what the written one does."""
    model = Model(DRAFT).eval()
    keys = metadata("selfcheck", DRAFT, tokeniser, 0)
    for kind, tolerance in ((gguf.F32, 0.0), (gguf.F16, 2**-11), (gguf.Q8_0, 0.5 / 127 + 2**-11)):
        path = folder / f"{kind}.gguf"
        gguf.write(path, keys, tensors(model), kind)
        read_keys, arrays = gguf.read(path)
        assert list(read_keys) == list(keys)
        for key, value in keys.items():
            same = np.isclose(read_keys[key], value) if isinstance(value, float) else read_keys[key] == value
            assert same, key
        for name, array in tensors(model).items():
            scale = np.abs(array).max()
            assert np.abs(arrays[name] - array).max() <= tolerance * scale, (name, kind)
    copy, _ = load_gguf(folder / f"{gguf.F32}.gguf", torch.device("cpu"))
    prompts = [[1, 2, 3], [4, 5, 6, 7, 8]]
    together = generate(copy, prompts, greedy, tokeniser.eos, 12)
    apart = [generate(model, [prompt], greedy, tokeniser.eos, 12)[0] for prompt in prompts]
    assert together == apart, "padding or the cache changes the text"


def main() -> None:
    """Run both checks."""
    torch.manual_seed(1)
    words = map("".join, itertools.product("bdfglmnprst", "aeiou", "bdfglmnprst", ["", "er", "ing"]))
    tokeniser = train([" ".join(words)])
    check_tokeniser(tokeniser)
    with tempfile.TemporaryDirectory() as folder:
        check_gguf(tokeniser, Path(folder))
    print("ok")


if __name__ == "__main__":
    main()

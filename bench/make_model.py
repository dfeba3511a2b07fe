"""Writes models of real shapes with random weights, for measuring speed: every block is valid and of a size that keeps activations finite.

    python3 bench/make_model.py --out FOLDER [--shapes 1.1b 110m 15m] [--types Q8_0 Q4_0 Q4_K Q4_K_M Q6_K F16]
"""

from __future__ import annotations

import argparse
import itertools
import string
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tools" / "train"))

import gguf  # noqa: E402

PIECE_BLOCKS = 1 << 18  # blocks made at once
VOCABULARY = 32000


@dataclass(frozen=True)
class Shape:
    layers: int
    model: int
    heads: int
    kv_heads: int
    feed_forward: int
    context: int = 16384


SHAPES = {
    "8b": Shape(32, 4096, 32, 8, 14336),  # Llama 3 8B, but for its vocabulary
    "1.1b": Shape(22, 2048, 32, 4, 5632),  # TinyLlama
    "110m": Shape(12, 768, 12, 12, 2048),  # stories110M
    "15m": Shape(6, 288, 6, 6, 768),  # stories15M
}


@dataclass(frozen=True)
class Kind:
    """A weight type: its number in GGUF, elements in a block, the block's layout, and how blocks are drawn for weights of unit size."""

    number: int
    elements: int
    layout: np.dtype
    fill: Callable[[np.ndarray, np.random.Generator], None]
    unit: float  # root mean square of the weights when the scale is 1


def _scales(blocks: np.ndarray, random: np.random.Generator, field: str, size: float) -> None:
    blocks[field] = (size * random.uniform(0.8, 1.2, len(blocks))).astype(np.float16)


def _q8(blocks: np.ndarray, random: np.random.Generator) -> None:
    np.maximum(blocks["q"], -127, out=blocks["q"])


def _q6k(blocks: np.ndarray, random: np.random.Generator) -> None:
    np.maximum(blocks["sc"], -127, out=blocks["sc"])


def _plain(blocks: np.ndarray, random: np.random.Generator) -> None:
    """Any bytes are right."""


def _f16(blocks: np.ndarray, random: np.random.Generator) -> None:
    blocks["d"] = random.standard_normal(len(blocks), dtype=np.float32)


# Roots of mean squares: bytes -127..127; nibbles less 8; d·sc·q - 7.5·d·m with 6-bit sc, m and 4-bit q; scales times 6-bit values less 32.
KINDS = {
    "F16": Kind(1, 1, np.dtype([("d", "<f2")]), _f16, 1.0),
    "Q4_0": Kind(2, 32, np.dtype([("d", "<f2"), ("q", "u1", 16)]), _plain, 4.6),
    "Q8_0": Kind(8, 32, np.dtype([("d", "<f2"), ("q", "i1", 32)]), _q8, 73.6),
    "Q4_K": Kind(12, 256, np.dtype([("d", "<f2"), ("dmin", "<f2"), ("sc", "u1", 12), ("q", "u1", 128)]), _plain, 260.0),
    "Q6_K": Kind(14, 256, np.dtype([("ql", "u1", 128), ("qh", "u1", 64), ("sc", "i1", 16), ("d", "<f2")]), _q6k, 1360.0),
}


def pieces(kind: Kind, count: int, size: float, random: np.random.Generator) -> Iterator[bytes]:
    """Blocks of `count` weights whose root mean square is about `size`."""
    left = count // kind.elements
    while left > 0:
        now = min(left, PIECE_BLOCKS)
        blocks = np.frombuffer(bytearray(random.bytes(now * kind.layout.itemsize)), dtype=kind.layout)
        kind.fill(blocks, random)
        if kind.elements == 1:
            blocks["d"] *= np.float16(size)
        else:
            _scales(blocks, random, "d", size / kind.unit)
        if "dmin" in (kind.layout.names or ()):
            blocks["dmin"] = blocks["d"] * np.float16(7.5)
        yield blocks.tobytes()
        left -= now


def tokenizer() -> dict[str, Any]:
    """All short words of small letters, inside a word and at its start."""
    words = ("".join(letters) for length in (1, 2, 3) for letters in itertools.product(string.ascii_lowercase, repeat=length))
    pieces = ["▁"] + [piece for word in words for piece in (word, "▁" + word)]
    return gguf.sentencepiece(pieces[: VOCABULARY - 259])


def metadata(name: str, shape: Shape) -> dict[str, Any]:
    return {
        "general.architecture": "llama",
        "general.name": f"{name} random",
        "llama.context_length": shape.context,
        "llama.embedding_length": shape.model,
        "llama.block_count": shape.layers,
        "llama.feed_forward_length": shape.feed_forward,
        "llama.attention.head_count": shape.heads,
        "llama.attention.head_count_kv": shape.kv_heads,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": shape.model // shape.heads,
        "llama.rope.freq_base": 10000.0,
        "llama.vocab_size": VOCABULARY,
        **tokenizer(),
    }


def matrices(shape: Shape) -> Iterator[tuple[str, int, int]]:
    """Names, rows and row lengths."""
    kv = shape.model // shape.heads * shape.kv_heads
    yield "token_embd", VOCABULARY, shape.model
    for layer in range(shape.layers):
        for name, rows, columns in (
            ("attn_q", shape.model, shape.model), ("attn_k", kv, shape.model), ("attn_v", kv, shape.model), ("attn_output", shape.model, shape.model),
            ("ffn_gate", shape.feed_forward, shape.model), ("ffn_up", shape.feed_forward, shape.model), ("ffn_down", shape.model, shape.feed_forward),
        ):
            yield f"blk.{layer}.{name}", rows, columns
    yield "output", VOCABULARY, shape.model


def kind_of(name: str, mix: str, layers: int) -> Kind:
    """Q4_K_M is Q4_K with Q6_K for the head, and in half of the layers for values and down projections, as llama.cpp mixes it."""
    if mix != "Q4_K_M":
        return KINDS[mix]
    if name == "output":
        return KINDS["Q6_K"]
    if name.endswith(("attn_v", "ffn_down")):
        layer, eighth = int(name.split(".")[1]), layers // 8
        if layer < eighth or layer >= 7 * eighth or (layer - eighth) % 3 == 2:
            return KINDS["Q6_K"]
    return KINDS["Q4_K"]


def make(path: Path, name: str, shape: Shape, mix: str) -> None:
    random = np.random.default_rng(1)
    tensors = []
    for matrix, rows, columns in matrices(shape):
        kind = kind_of(matrix, mix, shape.layers)
        size = rows * columns // kind.elements * kind.layout.itemsize
        tensors.append((f"{matrix}.weight", (rows, columns), kind.number, size, pieces(kind, rows * columns, columns**-0.5, random)))
    ones = np.ones(shape.model, dtype=np.float32).tobytes()
    norms = [f"blk.{layer}.{norm}" for layer in range(shape.layers) for norm in ("attn_norm", "ffn_norm")] + ["output_norm"]
    tensors += [(f"{norm}.weight", (shape.model,), gguf.F32, len(ones), [ones]) for norm in norms]
    gguf.write_raw(path, metadata(name, shape), tensors)
    print(f"{path}: {path.stat().st_size:,} bytes", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the files; the largest has 2.2 GB")
    parser.add_argument("--shapes", nargs="*", default=["1.1b", "110m", "15m"], choices=list(SHAPES))
    mixes = [*KINDS, "Q4_K_M"]
    parser.add_argument("--types", nargs="*", default=mixes, choices=mixes)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, mix in itertools.product(options.shapes, options.types):
        shape = SHAPES[name]
        if "K" in mix and (shape.model % 256 or shape.feed_forward % 256):
            print(f"{name} {mix}: left out, its rows are no multiples of 256")
            continue
        make(options.out / f"{name}-{mix}.gguf", name, shape, mix)


if __name__ == "__main__":
    main()

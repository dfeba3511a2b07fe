"""Turn a checkpoint into the GGUF files that ship: F16 and Q8_0."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch

import gguf
from model import Model, load
from shapes import Config
from tokeniser import SPECIALS, Tokeniser

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
# Suffix of the file name: type of the matrices, general.file_type.
FORMATS = {"f16": (gguf.F16, 1), "q8_0": (gguf.Q8_0, 7)}
_SHAPE_KEYS = {
    "width": "llama.embedding_length",
    "layers": "llama.block_count",
    "heads": "llama.attention.head_count",
    "kv_heads": "llama.attention.head_count_kv",
    "hidden": "llama.feed_forward_length",
    "vocab": "llama.vocab_size",
    "head_width": "llama.rope.dimension_count",
    "context": "llama.context_length",
    "theta": "llama.rope.freq_base",
    "eps": "llama.attention.layer_norm_rms_epsilon",
}


def metadata(name: str, config: Config, tokeniser: Tokeniser, file_type: int) -> dict[str, Any]:
    """The keys that llama.cpp reads for the `llama` architecture."""
    plain = len(tokeniser.tokens) - len(SPECIALS)
    return {
        "general.architecture": "llama",
        "general.name": name,
        "general.license": "apache-2.0",
        "general.file_type": file_type,
        "general.quantization_version": 2,
        "general.alignment": gguf.ALIGNMENT,
        **{key: getattr(config, field) for field, key in _SHAPE_KEYS.items()},
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokeniser.tokens,
        "tokenizer.ggml.token_type": [1] * plain + [3] * len(SPECIALS),
        "tokenizer.ggml.merges": [" ".join(pair) for pair in tokeniser.merges],
        "tokenizer.ggml.bos_token_id": tokeniser.bos,
        "tokenizer.ggml.eos_token_id": tokeniser.eos,
        "tokenizer.ggml.padding_token_id": tokeniser.bos,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_eos_token": False,
        "tokenizer.chat_template": CHAT_TEMPLATE,
    }


def tensors(model: Model) -> dict[str, np.ndarray]:
    """Weights under llama.cpp's names, which are the modules' own; the tied head has no tensor of its own."""
    return {name: weight.float().numpy() for name, weight in model.state_dict().items()}


def load_gguf(path: Path, device: torch.device) -> tuple[Model, Tokeniser]:
    """Rebuild a shipped model, its weights dequantised, and its tokeniser."""
    if not path.is_file():
        raise SystemExit(f"{path} is missing: export it first, see README.md")
    keys, arrays = gguf.read(path)
    model = Model(Config(**{field: keys[key] for field, key in _SHAPE_KEYS.items()}))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    tokeniser = Tokeniser([tuple(line.split(" ")) for line in keys["tokenizer.ggml.merges"]])
    return model.to(device).eval(), tokeniser


def main() -> None:
    """Write both formats of one checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--tokeniser", type=Path, required=True, help="tokeniser.json")
    parser.add_argument("--name", required=True, help="file name without its suffix, such as winnow-target")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    args = parser.parse_args()
    model, _ = load(args.checkpoint, torch.device("cpu"))
    tokeniser = Tokeniser.load(args.tokeniser)
    args.out.mkdir(parents=True, exist_ok=True)
    for suffix, (kind, file_type) in FORMATS.items():
        path = args.out / f"{args.name}-{suffix}.gguf"
        gguf.write(path, metadata(args.name, model.config, tokeniser, file_type), tensors(model), kind)
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

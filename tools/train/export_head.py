"""Turn a head's checkpoint into GGUF files, its tensors named as published heads name them."""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf
from export import FORMATS
from head import load


def main() -> None:
    """Write both formats."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--name", required=True, help="file name without its suffix, such as winnow-head")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    args = parser.parse_args()
    head = load(args.checkpoint)
    c = head.config
    tensors = {name: weight.float().numpy() for name, weight in head.state_dict().items()}
    for suffix, (kind, file_type) in FORMATS.items():
        keys = {
            "general.architecture": "eagle3",
            "general.name": args.name,
            "general.license": "apache-2.0",
            "general.file_type": file_type,
            "general.quantization_version": 2,
            "general.alignment": gguf.ALIGNMENT,
            "eagle3.embedding_length": c.width,
            "eagle3.context_length": c.context,
            "eagle3.attention.head_count": c.heads,
            "eagle3.attention.head_count_kv": c.kv_heads,
            "eagle3.attention.layer_norm_rms_epsilon": c.eps,
            "eagle3.rope.freq_base": c.theta,
            "eagle3.target_layers": list(c.layers),
        }
        path = args.out / f"{args.name}-{suffix}.gguf"
        gguf.write(path, keys, tensors, kind)
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

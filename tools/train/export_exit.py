"""Turn an early exit's checkpoint into GGUF files: its layer named as the target's are, and the norm before the target's head."""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf
from exit import load
from export import FORMATS


def main() -> None:
    """Write both formats."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--name", required=True, help="file name without its suffix, such as winnow-exit")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    args = parser.parse_args()
    module = load(args.checkpoint)
    tensors = {name: weight.float().numpy() for name, weight in module.state_dict().items()}
    for suffix, (kind, file_type) in FORMATS.items():
        keys = {
            "general.architecture": "kangaroo",
            "general.name": args.name,
            "general.license": "apache-2.0",
            "general.file_type": file_type,
            "general.quantization_version": 2,
            "general.alignment": gguf.ALIGNMENT,
            "kangaroo.exit_layer": module.config.layers,
        }
        path = args.out / f"{args.name}-{suffix}.gguf"
        gguf.write(path, keys, tensors, kind)
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

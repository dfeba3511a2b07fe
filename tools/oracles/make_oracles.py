"""Makes tests/Inference.Tests/Oracles: tiny random models and the continuations llama.cpp gives for them. See README.md."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "train"))

import gguf  # noqa: E402
import tiny_models  # noqa: E402

PROMPTS = [
    "Hello world",
    "the",
    "In the beginning there was a rather short sentence, and nothing else.",
    "é😀 and 12345 + 67890 =",
    "on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on",
]
STEPS = 64


def run(peer: list[str], *arguments: str) -> str:
    return subprocess.run([*peer, *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def continuations(peer: list[str], model: Path) -> dict:
    prompts = [argument for prompt in PROMPTS for argument in ("--prompt", prompt)]
    return json.loads(run(peer, "tokens", "--model", str(model), "--variant", "haswell", "--context", str(tiny_models.CONTEXT), "--max", str(STEPS), *prompts))


def write_model(peer: list[str], path: Path, shape: tiny_models.Shape, kind: str | None, seed: int) -> None:
    """An F32 file, or the same quantised by llama.cpp."""
    target = path if kind is None else path.with_suffix(".f32")
    gguf.write(target, tiny_models.metadata(path.stem, shape), tiny_models.tensors(shape, seed), gguf.F32)
    if kind is not None:
        run(peer, "quantize", "--model", str(target), "--output", str(path), "--type", kind)


def make(peer: list[str], folder: Path, name: str, shape: tiny_models.Shape, kind: str | None, seeds: int) -> None:
    """Of several seeds, the one whose two best logits come least near to each other."""
    best = None
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(seeds):
            model = Path(scratch) / f"{name}.gguf"
            write_model(peer, model, shape, kind, seed)
            oracle = continuations(peer, model)
            gap = min(prompt["min_gap"] for prompt in oracle["prompts"])
            if best is None or gap > best[0]:
                best = gap, seed, model.read_bytes(), oracle
    gap, seed, data, oracle = best
    (folder / f"{name}.gguf").write_bytes(data)
    with (folder / f"{name}.json").open("w", encoding="utf-8") as file:
        json.dump({**oracle, "seed": seed}, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
    distinct = len({token for prompt in oracle["prompts"] for token in prompt["greedy"]})
    print(f"{name}: seed {seed}, {len(data)} bytes, smallest gap {gap:.4f}, {distinct} different tokens", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, help="the built winnow-peer program")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "tests" / "Inference.Tests" / "Oracles")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--only", nargs="*", help="names of oracles")
    options = parser.parse_args()
    jobs = [(name, shape, None) for name, shape in tiny_models.ARCHITECTURES.items()]
    jobs += [(f"llama-tiny-{kind}", shape, kind) for kind, shape in tiny_models.TYPES.items()]
    options.out.mkdir(parents=True, exist_ok=True)
    for name, shape, kind in jobs:
        if not options.only or name in options.only:
            make([options.peer], options.out, name, shape, kind, options.seeds)


if __name__ == "__main__":
    main()

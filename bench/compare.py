"""Measures Winnow and llama.cpp on the same files, by turns, and prints a table of medians and ratios.

    python3 bench/compare.py --models FOLDER/1.1b-Q8_0.gguf … [--threads 2] [--rounds 5] [--json FILE]

Build both first: dotnet build -c Release src/Cli; dotnet build -c Release bench/peer; npm install in bench/peer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
from pathlib import Path

BIN = Path(__file__).parent.parent / "artifacts" / "lite" / "bin"
WINNOW, PEER = BIN / "Cli" / "release" / "winnow", BIN / "Peer" / "release" / "winnow-peer"
DECODE_TOKENS = 32
PREFILL_TOKENS = 512


def run(program: Path, *arguments: str) -> dict:
    return json.loads(subprocess.run([str(program), *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8").stdout)


def peer(model: Path, threads: int, batches: list[int]) -> dict[str, float]:
    report = run(PEER, "bench", "--model", str(model), "--threads", str(threads), "--reps", "1", "--tokens", str(DECODE_TOKENS),
                 "--prefill", str(PREFILL_TOKENS), "--decode", *map(str, batches))
    return {f"{result['work']} {result['count']}": result["tokens_per_second"] for result in report["results"]}


def winnow(model: Path, threads: int, batches: list[int]) -> dict[str, float]:
    shared = ("bench", "--model", str(model), "--threads", str(threads), "--runs", "3", "--json")
    decode = run(WINNOW, *shared, "--batch", ",".join(map(str, batches)), "--prompt-tokens", "8", "--tokens", str(DECODE_TOKENS))
    prefill = run(WINNOW, *shared, "--prompt-tokens", str(PREFILL_TOKENS), "--tokens", "1")
    figures = {f"decode {result['batch']}": result["decode_tokens_per_second"] for result in decode["results"]}
    return figures | {f"prefill {PREFILL_TOKENS}": prefill["results"][0]["prefill_tokens_per_second"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", nargs="*", type=int, default=[1, 4, 8, 16])
    parser.add_argument("--json", type=Path, help="also write all samples here")
    options = parser.parse_args()
    bandwidth = run(PEER, "bandwidth", "--threads", str(options.threads))
    print(f"read bandwidth with {options.threads} threads: {bandwidth['median']} GB/s\n\n| model | work | winnow | llama.cpp | ratio |\n|---|---|---|---|---|")
    samples = {}
    for model in options.models:
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(peer(model, options.threads, options.batches))
            ours.append(winnow(model, options.threads, options.batches))
        samples[model.name] = {"winnow": ours, "llama.cpp": theirs}
        for work in theirs[0]:
            mine, other = (statistics.median(sample[work] for sample in side) for side in (ours, theirs))
            print(f"| {model.stem} | {work} | {mine:.1f} | {other:.1f} | {mine / other:.2f} |", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"threads": options.threads, "bandwidth": bandwidth, "samples": samples}), encoding="utf-8")


if __name__ == "__main__":
    main()

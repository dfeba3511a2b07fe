"""Accept length of chains and trees of the same number of verified tokens, on the shipped pair: counts, not times, so that any machine gives the same table.

    dotnet build -c Release src/Cli
    python3 bench/trees.py [--runs 64] [--drafters draft_model token_recycling …] [--sizes 4 8 16 32 64]

Prompts are the questions of the GSM8K test set in the tool, one after another (--runs of them), each with 64 tokens of answer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
WINNOW = ROOT / "artifacts" / "lite" / "bin" / "Cli" / "release" / "winnow"
DRAFT = str(ROOT / "models" / "winnow-draft-q8_0.gguf")
LONGEST_CHAIN = 16
DRAFTERS = ["draft_model", "token_recycling", "adaptive_ngram", "suffix", "prompt_lookup"]


def accept_length(drafter: str, shape: str, size: int, sampling: list[str], runs: int) -> float:
    """Tokens a step, the mean over the prompts."""
    flags = ["--drafter", drafter, "--draft-shape", shape, "--draft-tokens", str(size), "--runs", str(runs), "--tokens", "64", "--threads", "1"]
    draft = ["--draft", DRAFT] if drafter == "draft_model" else []
    result = subprocess.run([str(WINNOW), "bench", *draft, *flags, *sampling, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    if result.returncode != 0:
        sys.exit(f"winnow bench {' '.join(flags)} failed: {result.stderr.strip().splitlines()[-1:]}")
    return statistics.fmean(json.loads(result.stdout)["results"][-1]["accept_length_samples"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=64)
    parser.add_argument("--drafters", nargs="+", choices=DRAFTERS, default=DRAFTERS)
    parser.add_argument("--sizes", nargs="+", type=int, default=[4, 8, 16, 32, 64])
    options = parser.parse_args()
    print(f"| drafter | temperature | shape | {' | '.join(map(str, options.sizes))} |")
    print(f"|---|---|---|{'--:|' * len(options.sizes)}")
    for drafter in options.drafters:
        for name, sampling in (("0", ["--greedy"]), ("0.8", ["--temperature", "0.8"])):
            for shape in ("chain", "tree"):
                lengths = [f"{accept_length(drafter, shape, size, sampling, options.runs):.2f}" if shape == "tree" or size <= LONGEST_CHAIN else ""
                           for size in options.sizes]
                print(f"| `{drafter}` | {name} | {shape} | {' | '.join(lengths)} |", flush=True)


if __name__ == "__main__":
    main()

"""What rounded hidden states cost: answers of the shipped pair that stay equal to those of float32, for each Worker:HiddenType, and the first token over a slow link, as Markdown tables.

    dotnet build -c Release src/Cli
    python3 bench/hidden_loss.py --questions test.jsonl [--count 64] [--tokens 64]

The file is GSM8K's test.jsonl. Every type is served by a local cluster on 1, 2 and 3 shards, and the seeded answers are compared with those of one shard. Which of them are equal depends on
neither machine nor load; the time to the first token does.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

ROOT = Path(__file__).parent.parent
WINNOW = ROOT / "artifacts" / "lite" / "bin" / "Cli" / "release" / "winnow"
TYPES = ["f32", "f16", "q8"]
SHARDS = [1, 2, 3]
TEMPERATURES = [0, 0.8]
SEED = 7

Answer = list[tuple[int, ...]]


@contextmanager
def serving(hidden_type: str, shards: int) -> Iterator[tuple[str, str]]:
    """A local cluster: its URL and the name of its model."""
    environment = {**os.environ, "WINNOW_Worker__HiddenType": hidden_type}
    command = [str(WINNOW), "up", "--no-draft", "--shards", str(shards), "--threads", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, encoding="utf-8", env=environment) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"serves '(.+)' at (\S+)/v1", line)
            if found is None:
                raise SystemExit(f"winnow up did not start: {line!r}")
            yield found[2], found[1]
        finally:
            process.terminate()


def answer(url: str, model: str, question: str, temperature: float, tokens: int) -> Answer:
    """The answer's tokens, as bytes."""
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": question}], "temperature": temperature, "seed": SEED}
    body |= {"max_tokens": tokens, "logprobs": True, "speculation": {"drafter": "none"}}
    request = urllib.request.Request(f"{url}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        choice = json.load(response)["choices"][0]
    return [tuple(token["bytes"]) for token in choice["logprobs"]["content"]]


def answers(hidden_type: str, shards: int, questions: list[str], tokens: int) -> dict[float, list[Answer]]:
    with serving(hidden_type, shards) as (url, model):
        return {t: [answer(url, model, question, t, tokens) for question in questions] for t in TEMPERATURES}


def shared_start(first: Answer, second: Answer) -> int:
    return next((i for i, (a, b) in enumerate(zip(first, second)) if a != b), min(len(first), len(second)))


def first_token(hidden_type: str) -> float:
    """Milliseconds to the first token of a prompt of 512 over 10 Mbit/s and 20 ms."""
    links = ["--link-delay", "20ms", "--link-rate", "10mbit"]
    flags = ["--cluster", "--shards", "2", "--threads", "1", *links, "--tokens", "4", "--prompt-tokens", "512", "--runs", "5", "--json"]
    result = subprocess.run([str(WINNOW), "bench", *flags], check=True, stdout=subprocess.PIPE, env={**os.environ, "WINNOW_Worker__HiddenType": hidden_type})
    return json.loads(result.stdout)["results"][0]["time_to_first_token_ms"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, required=True, help="GSM8K's test.jsonl")
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--no-times", action="store_true", help="leave out the time to the first token")
    args = parser.parse_args()
    questions = [json.loads(line)["question"] for line in args.questions.read_text().splitlines()[: args.count]]
    base = answers("f32", 1, questions, args.tokens)
    print("| hidden states | shards | equal answers, greedy | equal answers, 0.8 | tokens before the first other one, of those not equal |\n|---|--:|--:|--:|--:|")
    for hidden_type in TYPES:
        for shards in SHARDS:
            found = answers(hidden_type, shards, questions, args.tokens)
            pairs = {t: list(zip(base[t], found[t], strict=True)) for t in TEMPERATURES}
            equal = [f"{sum(a == b for a, b in pairs[t])} of {len(questions)}" for t in TEMPERATURES]
            starts = [shared_start(a, b) for t in TEMPERATURES for a, b in pairs[t] if a != b]
            print(f"| `{hidden_type}` | {shards} | {' | '.join(equal)} | {f'median {statistics.median(starts):.0f}' if starts else ''} |", flush=True)
    if not args.no_times:
        print("\n| hidden states | first token of 512 over 10 Mbit/s and 20 ms |\n|---|--:|")
        for hidden_type in TYPES:
            print(f"| `{hidden_type}` | {first_token(hidden_type):.0f} ms |", flush=True)


if __name__ == "__main__":
    main()

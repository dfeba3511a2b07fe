"""Loss of the shipped model over held-out questions and answers, for every stored form of the KV cache, as one Markdown table.

    python3 bench/kv_loss.py --questions train.jsonl [--count 50] [--model FILE]

Build first: dotnet build -c Release src/Cli. The file is GSM8K's train.jsonl, whose last 300 lines the model never saw
(models/winnow-target.md). The figures are deterministic: they depend on neither machine, threads nor load.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
WINNOW = ROOT / "artifacts" / "lite" / "bin" / "Cli" / "release" / "winnow"
HELD_OUT = 300
KV_TYPES = ["f32", "f16", "q8_0", "q4_0"]


def winnow(*args: str) -> dict:
    return json.loads(subprocess.run([str(WINNOW), *args, "--json"], check=True, stdout=subprocess.PIPE).stdout)


def document_ids(model: str, row: dict, folder: Path) -> list[int]:
    """Ids of a conversation as the model was trained on it: begin token, question, answer without calculator annotations."""
    answer = re.sub(r"<<.*?>>", "", row["answer"]).strip()
    messages = [{"role": "user", "content": row["question"].strip()}, {"role": "assistant", "content": answer}]
    (folder / "messages.json").write_text(json.dumps(messages))
    (folder / "text").write_text(winnow("render", "--model", model, "--messages", str(folder / "messages.json"))["text"])
    return winnow("tokenize", "--model", model, "--file", str(folder / "text"))["ids"]


def logprobs(model: str, ids: list[int], kv_type: str) -> tuple[list[float], list[int]]:
    """Log-probability of every id after the first, and the id the model would have chosen there."""
    prompt, teacher = str(ids[0]), ",".join(map(str, ids[1:]))
    step = winnow("tokens", "--model", model, "--prompt-ids", prompt, "--teacher-ids", teacher, "--top", "1", "--kv-type", kv_type, "--threads", "1")
    return step["teacher_logprobs"], step["ids"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, required=True, help="GSM8K's train.jsonl")
    parser.add_argument("--count", type=int, default=50, help="questions, from the first held-out one on")
    parser.add_argument("--model", default=str(ROOT / "models" / "winnow-target-q8_0.gguf"))
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.questions.read_text().splitlines()][-HELD_OUT:][: args.count]
    with tempfile.TemporaryDirectory() as folder:
        documents = [document_ids(args.model, row, Path(folder)) for row in rows]
    print(f"{len(documents)} documents, {sum(len(ids) - 1 for ids in documents)} tokens\n")
    print("| KV type | loss (nats per token) | against f32 | other greedy choices |\n|---|--:|--:|--:|")
    base_loss, base_choices = 0.0, []
    for kv_type in KV_TYPES:
        found, choices = [], []
        for ids in documents:
            step_logprobs, step_choices = logprobs(args.model, ids, kv_type)
            found += step_logprobs
            choices += step_choices
        loss = -sum(found) / len(found)
        if kv_type == "f32":
            base_loss, base_choices = loss, choices
        others = sum(a != b for a, b in zip(choices, base_choices, strict=True))
        print(f"| `{kv_type}` | {loss:.5f} | {loss - base_loss:+.5f} | {others} ({100 * others / len(choices):.2f} %) |", flush=True)


if __name__ == "__main__":
    main()

"""Measures speculation on the shipped pair, prints every figure with its median, spread, goal and mark.

    dotnet build -c Release src/Cli
    python3 bench/speculation.py [--rows links batches …] [--runs 7] [--models FOLDER] [--json FILE] [--markdown FILE]

Runs without and with speculation are interleaved in one process, on the same prompts and seeds; a ratio is the median of the ratios of neighbours.
--models is the folder of bench/make_model.py, for the row 'scripted'. The rows 'drafters', 'stop', 'stop_times' and 'stop_links' are asked for by name; the first two are counts, not
times, so that any machine gives the same.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

ROOT = Path(__file__).parent.parent
WINNOW = ROOT / "artifacts" / "lite" / "bin" / "Cli" / "release" / "winnow"
HEAD = str(ROOT / "models" / "winnow-head-q8_0.gguf")
STOP_HEAD = str(ROOT / "models" / "winnow-stop.gguf")
DRAFT = str(ROOT / "models" / "winnow-draft-q8_0.gguf")
SHARDS, DELAY_MS = 2, 20
CLUSTER = ["--draft", DRAFT, "--cluster", "--shards", str(SHARDS), "--threads", "1"]
LINKS = [*CLUSTER, "--link-delay", f"{DELAY_MS}ms"]


@dataclass
class Figure:
    """A line of the table."""

    row: str
    name: str
    value: float
    unit: str
    samples: list[float] = field(default_factory=list)
    goal: float | None = None
    at_most: bool = False
    notes: str = ""

    def reached(self) -> str:
        if self.goal is None:
            return ""
        return "yes" if (self.value <= self.goal if self.at_most else self.value >= self.goal) else "no"


@dataclass
class Plan:
    """What to run, and how often."""

    runs: int
    models: Path | None
    prompts: list[str] = field(default_factory=list)

    def bench(self, *flags: str, runs: int | None = None, settings: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Results of 'winnow bench': without speculation, then with it, for every batch."""
        arguments = [str(WINNOW), "bench", *flags, "--runs", str(runs or self.runs), "--json"]
        result = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env={**os.environ, **(settings or {})})
        if result.returncode != 0:
            sys.exit(f"winnow bench {' '.join(flags)} failed: {result.stderr.strip().splitlines()[-1:]}")
        return json.loads(result.stdout)["results"]


def over(figures: list[dict[str, Any]], base: list[dict[str, Any]] | None = None) -> tuple[float, list[float]]:
    """The ratio of the second to the first result, run by run, and its median."""
    first, second = (base or figures)[0], figures[-1]
    ratios = [b / a for a, b in zip(first["decode_samples"], second["decode_samples"])]
    return statistics.median(ratios), ratios


def accepted(result: dict[str, Any]) -> str:
    return f"accept length {result['accept_length']:.2f}, acceptance {100 * result['acceptance']:.0f} %"


def ratio(row: str, name: str, results: list[dict[str, Any]], goal: float | None) -> Figure:
    value, samples = over(results)
    return Figure(row, name, value, "x none", samples, goal, notes=accepted(results[-1]))


def links(plan: Plan) -> Iterator[Figure]:
    compute = 1000 / plan.bench(*CLUSTER, "--tokens", "48", "--link-delay", "0ms")[0]["decode_tokens_per_second"]
    goal = 1.15 * (SHARDS + 1) * DELAY_MS + compute
    plain = 0.0
    for draft in ("adaptive", "4", "8", "16"):
        flags = [] if draft == "adaptive" else ["--draft-tokens", draft]
        results = plan.bench(*LINKS, "--tokens", "48", *flags)
        if draft == "adaptive":
            plain = results[0]["decode_tokens_per_second"]
            yield Figure("links", f"{DELAY_MS} ms, batch 1, no speculation", 1000 / plain, "ms/token", [1000 / s for s in results[0]["decode_samples"]], goal, at_most=True)
        yield ratio("links", f"{DELAY_MS} ms, batch 1, draft length {draft}", results, 2.5)
    for draft in ("adaptive", "8"):
        flags = [] if draft == "adaptive" else ["--draft-tokens", draft]
        result = plan.bench(*LINKS, "--tokens", "48", "--batch", "10", *flags)[-1]
        samples = [s / plain for s in result["decode_samples"]]
        yield Figure("links", f"{DELAY_MS} ms, batch 10, draft length {draft}, over batch 1 without", statistics.median(samples), "x", samples, 16, notes=accepted(result))


def ahead(plan: Plan) -> Iterator[Figure]:
    """Drafting ahead over asking for drafts: two clusters by turns."""
    for batch, draft, goal in ((1, "8", None), (1, "adaptive", None), (8, "8", 1.3), (8, "adaptive", 1.3), (10, "adaptive", None)):
        flags = [*LINKS, "--drafter", "draft_model", "--batch", str(batch), "--tokens", "48", *([] if draft == "adaptive" else ["--draft-tokens", draft])]
        speeds: dict[str, list[float]] = {"off": [], "auto": []}
        for _ in range(2):
            for mode, samples in speeds.items():
                samples += plan.bench(*flags, settings={"WINNOW_Coordinator__DraftAhead": mode})[-1]["decode_samples"]
        value = statistics.median(speeds["auto"]) / statistics.median(speeds["off"])
        notes = ", ".join(f"{name} {statistics.median(speeds[mode]):.0f} tokens/s" for mode, name in (("off", "synchronous"), ("auto", "ahead")))
        yield Figure("ahead", f"{DELAY_MS} ms, batch {batch}, draft length {draft}, ahead over synchronous", value, "x", [], goal, notes=notes)


def prompts(plan: Plan) -> Iterator[Figure]:
    """Time to the first token over links, chunks of the prompt one at a time and following each other."""
    for tokens in (512, 1000):
        flags = ["--cluster", "--shards", str(SHARDS), "--threads", "1", "--link-delay", f"{DELAY_MS}ms", "--tokens", "4", "--prompt-tokens", str(tokens)]
        single, several = (plan.bench(*flags, settings={"WINNOW_Coordinator__MaxStepsInFlight": most})[0]["time_to_first_token_ms"] for most in ("1", "0"))
        yield Figure("prompts", f"{DELAY_MS} ms, first token of a prompt of {tokens}", several, "ms", notes=f"{single:.0f} ms with one chunk at a time")


def drafters(plan: Plan) -> Iterator[Figure]:
    """Tokens a step of each drafter alone, by shape and length, over 64 prompts one after another: counts, which no other work on the machine changes."""
    for drafter in ("draft_model", "eagle3", "prompt_lookup", "suffix", "token_recycling", "adaptive_ngram"):
        model = {"draft_model": ["--draft", DRAFT], "eagle3": ["--head", HEAD]}.get(drafter, [])
        for temperature in ("0", "0.8"):
            for shape, sizes in (("chain", (1, 2, 3, 4, 5, 6, 7, 8, 16)), ("tree", (4, 8, 16, 32, 64))):
                for size in sizes:
                    flags = ["--drafter", drafter, "--draft-shape", shape, "--draft-tokens", str(size), "--temperature", temperature, "--tokens", "64", "--threads", "1"]
                    samples = plan.bench(*model, *flags, runs=64)[-1]["accept_length_samples"]
                    yield Figure("drafters", f"`{drafter}`, {temperature}, {shape}|{size}", statistics.fmean(samples), "tokens/step")


def stop(plan: Plan) -> Iterator[Figure]:
    """What ends the draft model's chains: a fixed length, or the chance of a refusal by the table or the stop head. Tokens a step and drafts per accepted one, which no other work changes."""
    flags = ["--draft", DRAFT, "--drafter", "draft_model", "--draft-shape", "chain", "--threads", "1", "--tokens", "200", "--until-end", *plan.prompts]
    policies = [(f"{length} tokens", ["--draft-tokens", str(length)]) for length in range(1, 9)]
    for name, head in (("table", []), ("stop head", ["--stop-head", STOP_HEAD])):
        policies += [(f"{name}, h {h}", ["--draft-tokens", "16", "--stop-threshold", h, *head]) for h in ("0.2", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9")]
    for name, policy in policies:
        for temperature in ("0", "0.8"):
            result = plan.bench(*flags, *policy, "--temperature", temperature, runs=64)[-1]
            tokens, drafts = statistics.fmean(result["accept_length_samples"]), 1 / statistics.fmean(result["acceptance_samples"])
            yield Figure("stop", f"{name}|{temperature}", tokens, "tokens/step", notes=f"{tokens:.2f}, {drafts:.2f}")


def stop_speed(plan: Plan, place: str, temperature: str, flags: list[str], settings: dict[str, str]) -> Iterator[Figure]:
    """Speed with chains ended by a length, by measured costs or by a threshold, by the table or the stop head."""
    policies = {"4 tokens": ["--draft-tokens", "4"], "8 tokens": ["--draft-tokens", "8"]}
    for name, head in (("table", []), ("stop head", ["--stop-head", STOP_HEAD])):
        policies |= {f"{name}, by cost": head, f"{name}, h 0.6": ["--draft-tokens", "8", "--stop-threshold", "0.6", *head]}
    for name, policy in policies.items():
        results = plan.bench(*flags, "--drafter", "draft_model", "--draft-shape", "chain", "--temperature", temperature, *plan.prompts, *policy, settings=settings)
        yield ratio("stop_times", f"{place}, {temperature}, {name}", results, None)


def stop_times(plan: Plan) -> Iterator[Figure]:
    for temperature in ("0", "0.8"):
        yield from stop_speed(plan, "in process", temperature, ["--draft", DRAFT, "--threads", "1", "--tokens", "200"], {})


def stop_links(plan: Plan) -> Iterator[Figure]:
    yield from stop_speed(plan, f"{DELAY_MS} ms", "0.8", [*LINKS, "--tokens", "48"], {"WINNOW_Coordinator__DraftAhead": "off"})


def batches(plan: Plan) -> Iterator[Figure]:
    for batch, goal in ((1, 1.3), (4, 0.97), (16, 0.97), (64, 0.97)):
        yield ratio("batches", f"loopback, batch {batch}", plan.bench(*CLUSTER, "--batch", str(batch), "--tokens", "128"), goal)
    for batch in (1, 4, 16, 64):
        yield ratio("batches", f"in process, batch {batch}", plan.bench("--draft", DRAFT, "--threads", "1", "--batch", str(batch), "--tokens", "512"), 0.97)


def lookup(plan: Plan) -> Iterator[Figure]:
    """Prompt lookup, each of the 20 prompts once: on texts to be copied on request, which the shipped target seldom does, and on problems asked again with a change, whose answers do copy."""
    for prompts, name in (("copy-edit", "copy-and-edit prompts"), ("asked-again", "problems asked again with a change")):
        flags = ["--drafter", "prompt_lookup", "--prompts", prompts, "--tokens", "64"]
        yield ratio("lookup", f"prompt lookup, {name}, loopback", plan.bench(*CLUSTER, *flags, runs=20), 2)
        yield ratio("lookup", f"prompt lookup, {name}, {DELAY_MS} ms", plan.bench(*LINKS, *flags, runs=20), 2)
        yield ratio("lookup", f"prompt lookup, {name}, in process", plan.bench("--threads", "1", *flags, runs=20), None)


def scripted(plan: Plan) -> Iterator[Figure]:
    if plan.models is None:
        sys.exit("Row 'scripted' needs --models, the folder of bench/make_model.py.")
    model = str(plan.models / "1.1b-Q4_K.gguf")
    for batch, goal in ((1, 1.6), (4, 1.1), (16, 1.0)):
        results = plan.bench("--model", model, "--scripted", "0.8", "--batch", str(batch), "--prompt-tokens", "32", "--tokens", "192")
        yield ratio("scripted", f"1.1 B Q4_K in process, scripted drafts of acceptance 0.8, batch {batch}", results, goal)


def memory(plan: Plan) -> Iterator[Figure]:
    samples, pauses = [], 0
    for _ in range(plan.runs):
        flags = ["--draft", DRAFT, "--batch", "16", "--until-end", "--tokens", "512"]
        whole, part = (plan.bench(*flags, "--kv-percent", percent, runs=12)[-1] for percent in ("100", "35"))
        samples.append(part["tokens_per_second"] / whole["tokens_per_second"])
        pauses += part["pauses"]
    yield Figure("memory", "16 mixed requests, KV memory cut by 65 %", statistics.median(samples), "x whole", samples, 0.96, notes=f"{pauses} pauses")


ROWS: dict[str, Callable[[Plan], Iterator[Figure]]] = {
    "links": links, "ahead": ahead, "prompts": prompts, "batches": batches, "lookup": lookup, "scripted": scripted, "memory": memory, "drafters": drafters,
    "stop": stop, "stop_times": stop_times, "stop_links": stop_links,
}


def table(figures: list[Figure]) -> str:
    lines = ["| what | median (range) | goal | reached | |", "|---|--:|--:|---|---|"]
    for f in figures:
        spread = f" ({min(f.samples):.2f}–{max(f.samples):.2f})" if f.samples else ""
        goal = "" if f.goal is None else f"{'≤' if f.at_most else '≥'} {f.goal:.4g}"
        lines.append(f"| {f.name} | {f.value:.2f} {f.unit}{spread} | {goal} | {f.reached()} | {f.notes} |")
    return "\n".join(lines)


def matrix(figures: list[Figure]) -> str:
    """Tokens a step: a line for every drafter, temperature and shape, a column for every size."""
    cells: dict[str, dict[int, float]] = {}
    for f in figures:
        line, size = f.name.split("|")
        cells.setdefault(line, {})[int(size)] = f.value
    sizes = sorted({size for line in cells.values() for size in line})
    lines = [f"| drafter, temperature, shape | {' | '.join(map(str, sizes))} |", f"|---|{'--:|' * len(sizes)}"]
    lines += [f"| {name} | {' | '.join(f'{line[size]:.2f}' if size in line else '' for size in sizes)} |" for name, line in cells.items()]
    return "\n".join(lines)


def pairs(figures: list[Figure]) -> str:
    """Tokens a step and drafts per accepted one: a line for every policy."""
    lines: dict[str, list[str]] = {}
    for f in figures:
        lines.setdefault(f.name.split("|")[0], []).append(f.notes)
    return "\n".join(["| chain ends by | greedy: tokens a step, drafts per accepted one | 0.8 |", "|---|---|---|", *(f"| {name} | {' | '.join(cells)} |" for name, cells in lines.items())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=[row for row in ROWS if row not in ("drafters", "stop", "stop_times", "stop_links")])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--prompts", help="file of prompts for the rows that begin with 'stop', as winnow bench reads it")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    if not WINNOW.exists():
        sys.exit(f"'{WINNOW}' is not there; build it with: dotnet build -c Release src/Cli")
    figures = []
    for row in options.rows:
        for figure in ROWS[row](Plan(options.runs, options.models, ["--prompts", options.prompts] if options.prompts else [])):
            figures.append(figure)
            print(f"{figure.name}: {figure.value:.2f} {figure.unit}", file=sys.stderr, flush=True)
    counts = [figure for figure in figures if figure.row == "drafters"]
    stops = [figure for figure in figures if figure.row == "stop"]
    timed = [figure for figure in figures if figure.row not in ("drafters", "stop")]
    text = "\n\n".join(form(part) for form, part in ((table, timed), (matrix, counts), (pairs, stops)) if part)
    print(text)
    if options.json:
        options.json.write_text(json.dumps([vars(f) for f in figures], indent=1))
    if options.markdown:
        options.markdown.write_text(text + "\n")


if __name__ == "__main__":
    main()

"""Measures Winnow and llama.cpp on the same files, by turns, and prints every figure with its median, spread, ratio, goal and mark.

    python3 bench/make_model.py --out FOLDER
    python3 bench/compare.py --models FOLDER --library FOLDER_OF_LIBLLAMA [--rows decode prefill …] [--json FILE] [--markdown FILE]
    python3 bench/compare.py --models FOLDER --library FOLDER_OF_CUDA_LIBLLAMA --device cuda:0

Build both first: dotnet build -c Release src/Cli; dotnet build -c Release bench/peer; npm install in bench/peer (or --library).
With --device Winnow is the full build (-p:Lite=false) on that device, the peer puts all layers on the first one that its library finds, and the rows are those of devices.
All other rows take about ten minutes on a quiet machine of two cores; --quick makes one round of the rows with small models and few tokens.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
WINNOW, PEER = ARTIFACTS / "lite" / "bin" / "Cli" / "release" / "winnow", ARTIFACTS / "lite" / "bin" / "Peer" / "release" / "winnow-peer"
WINNOW_FULL = ARTIFACTS / "full" / "bin" / "Cli" / "release" / "winnow"
DEVICE_ROW = "device"
TYPES = ["Q8_0", "Q4_0", "Q4_K", "Q6_K", "F16"]
SEQUENCES, BLOCKS = [4, 8, 16], [4, 8, 16]


@dataclass
class Case:
    """One process of each engine a round, and the figures it gives."""

    name: str
    model: str
    works: dict[str, list[int]] = field(default_factory=dict)
    goals: dict[str, float] = field(default_factory=dict)  # of a work, or of a field of the report
    tokens: int = 16
    threads: int = 2
    depth: int = 0
    fill: bool = False
    samples: int = 1  # of each figure in a process; its median counts
    rounds: int | None = None
    busy: bool = False
    flash: bool = False  # the peer takes the better of its two attentions


def cases(shape: str, small: str, tiny: str) -> Iterator[tuple[str, Case]]:
    """The rows of the table, each under the name that --rows takes."""
    for kind in TYPES:
        yield "decode", Case("decode", f"{shape}-{kind}", {"decode": [1]}, {"decode": 1.10}, tokens=24, samples=3)
        yield "prefill", Case("prefill", f"{shape}-{kind}", {"prefill": [512]}, {"prefill": 1.10})
    for kind in ("Q8_0", "Q4_K"):
        yield "batch", Case("together", f"{shape}-{kind}", {"decode": SEQUENCES}, {"decode": 1.25}, tokens=12)
        yield "verify", Case("verify", f"{shape}-{kind}", {"verify": BLOCKS}, {"verify": 1.25})
    yield "depth", Case("at 8k", f"{small}-Q8_0", {"decode": [1]}, {"decode": 1.10}, tokens=16, depth=8192, samples=3, flash=True)
    # Eight queries to a KV head; filling the context takes more than a minute, so once, and the peer decides on its attention itself.
    yield "depth", Case("at 8k", f"{shape}-Q4_K", {"decode": [1]}, {"decode": 1.10}, tokens=16, depth=8192, samples=3, rounds=1)
    for threads in (1, 2):
        yield "small", Case(f"{threads} thread{'s'[:threads - 1]}", f"{tiny}-Q8_0", {"decode": [1]}, {"decode": 1.00}, tokens=256, threads=threads, samples=3)
    yield "busy", Case("a core busy", f"{small}-Q8_0", {"decode": [1]}, {"decode": 5.0}, tokens=24, busy=True, samples=3)
    yield "load", Case("warm", f"{shape}-Q4_K", goals={"first_token_ms": 1.00}, rounds=7)
    for kind in ("Q4_0", "Q8_0"):
        device = f"{'8b' if shape == '1.1b' else shape}-{kind}"
        yield DEVICE_ROW, Case("device decode", device, {"decode": [1]}, {"decode": 1.00}, tokens=64, samples=7)
        yield DEVICE_ROW, Case("device prefill", device, {"prefill": [4096]}, {"prefill": 0.50}, samples=7)
    yield "memory", Case("2k context", f"{shape}-Q4_K", goals={"resident_bytes": 1.00}, fill=True, rounds=1)


ROWS = [row for row in dict.fromkeys(row for row, _ in cases("", "", "")) if row != DEVICE_ROW]
LOWER_IS_BETTER = {"first_token_ms": ("load to first token, ms", 1), "resident_bytes": ("resident memory, MiB", 1 << 20)}


def run(program: Path, *arguments: str) -> dict[str, Any]:
    result = subprocess.run([str(program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    if result.returncode != 0:
        sys.exit(f"{program.name} {' '.join(arguments)} failed: {result.stderr.strip().splitlines()[-1:]}")
    return json.loads(result.stdout)


def label(figure: str, name: str) -> str:
    return figure if figure.startswith(name) else f"{figure}, {name}"


def works(case: Case, separator: str | None) -> list[str]:
    """Flags of the works: one list in Winnow's form, or separate words in the peer's."""
    flags = []
    for work, counts in case.works.items():
        flags += [f"--{work}", separator.join(map(str, counts))] if separator else [f"--{work}", *map(str, counts)]
    return flags


def shared(case: Case, models: Path) -> list[str]:
    flags = ["bench", "--model", str(models / f"{case.model}.gguf"), "--threads", str(case.threads), "--tokens", str(case.tokens), "--context", "2048"]
    return flags + (["--depth", str(case.depth)] if case.depth else []) + (["--fill-context"] if case.fill else [])


def figures(report: dict[str, Any], case: Case) -> dict[str, float]:
    found = {f"{result['work']} {result['count']}": result["tokens_per_second"] for result in report["results"]}
    return found | {name: report[name] for name in LOWER_IS_BETTER if name in case.goals}


def winnow(case: Case, options: argparse.Namespace, *more: str) -> dict[str, Any]:
    program, device = (WINNOW_FULL, ["--device", options.device]) if options.device else (WINNOW, [])
    return run(program, *shared(case, options.models), "--runs", str(case.samples), "--json", *works(case, ","), *device, *more)


def peer(case: Case, options: argparse.Namespace, flash: str) -> dict[str, Any]:
    library = ["--library", str(options.llama)] if options.llama else []
    return run(PEER, *shared(case, options.models), "--reps", str(case.samples), "--flash-attention", flash, *library, *works(case, None))


@contextlib.contextmanager
def busy_core(wanted: bool) -> Iterator[None]:
    """Another process that never rests, bound to the first core."""
    if not wanted:
        yield
        return
    spin = "import os\nos.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\nwhile True: pass"
    spinner = subprocess.Popen([sys.executable, "-c", spin])
    try:
        yield
    finally:
        spinner.kill()
        spinner.wait()


def measure(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """Rounds of both engines; where load time counts, first one that only brings the file into the page cache."""
    ours, theirs = [], []
    flashes = ["on", "off"] if case.flash else ["auto"]
    if "first_token_ms" in case.goals:
        peer(case, options, flashes[0])
    for _ in range(1 if options.quick else case.rounds or options.rounds):
        with busy_core(case.busy):
            tried = {flash: figures(peer(case, options, flash), case) for flash in flashes}
            best = max(tried, key=lambda flash: sum(tried[flash].values()))
            flashes = [best]
            theirs.append(tried[best])
            ours.append(figures(winnow(case, options), case))
    roof = {} if options.quick or not case.works or case.busy else winnow(case, options, "--roofline")
    return {"winnow": ours, "peer": theirs, "flash_attention": flashes[0], "roofline": roof}


def lines(row: str, case: Case, samples: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A line of the table for every figure of a case."""
    reached = {f"{result['work']} {result['count']}": result for result in samples["roofline"].get("results", [])}
    for figure in samples["winnow"][0]:
        mine, other = ([round_[figure] for round_ in samples[side]] for side in ("winnow", "peer"))
        less = figure in LOWER_IS_BETTER
        goal = case.goals[figure if less else figure.split()[0]]
        ratio = statistics.median(mine) / statistics.median(other)
        if figure == "first_token_ms":
            ratio, less = 1 / ratio, False  # a speed: the goal is a ratio of at least one
        result = reached.get(figure, {})
        yield {
            "row": row, "model": case.model, "work": label(figure, case.name) if figure not in LOWER_IS_BETTER else LOWER_IS_BETTER[figure][0],
            "unit": LOWER_IS_BETTER.get(figure, ("", 1))[1], "threads": case.threads, "winnow": mine, "peer": other, "ratio": ratio, "goal": goal,
            "pass": ratio <= goal if less else ratio >= goal, "sign": "≤" if less else "≥",
            "memory_fraction": result.get("memory_fraction"), "kernel_fraction": result.get("kernel_fraction"),
        }


def text(line: dict[str, Any]) -> str:
    def side(samples: list[float]) -> str:
        low, middle, high = (value / line["unit"] for value in (min(samples), statistics.median(samples), max(samples)))
        return f"{middle:,.1f}" if len(samples) == 1 else f"{middle:,.1f} ({low:,.1f}–{high:,.1f})"

    def share(value: float | None) -> str:
        return "" if value is None else f"{value:.0%}"

    return (f"| {line['model']} | {line['work']} | {side(line['winnow'])} | {side(line['peer'])} | {line['ratio']:.2f} | {line['sign']} {line['goal']:.2f} | "
            f"{'yes' if line['pass'] else 'no'} | {share(line['memory_fraction'])} | {share(line['kernel_fraction'])} |")


HEAD = "| model | work | winnow | llama.cpp | ratio | goal | reached | of memory bandwidth | of kernels' peak |\n|---|---|--:|--:|--:|--:|---|--:|--:|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True, help="folder of bench/make_model.py")
    parser.add_argument("--library", dest="llama", type=Path, help="folder of libllama; default: bench/peer's node_modules")
    parser.add_argument("--device", help="a device of Winnow's, such as cuda:0: its rows instead of the processor's")
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=ROWS)
    parser.add_argument("--types", nargs="*", choices=TYPES, default=TYPES, help="only models of these types")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round, 110 M instead of 1.1 B; says that everything runs, not how fast it is")
    parser.add_argument("--json", type=Path, help="also write all samples and profiles here")
    parser.add_argument("--markdown", type=Path, help="also write the table here")
    options = parser.parse_args()
    started = time.monotonic()
    shape, small = ("110m", "15m") if options.quick else ("1.1b", "110m")
    table, all_samples = [], []
    print(f"load average before: {os.getloadavg()[0]:.1f}\n\n{HEAD}", flush=True)
    for row, case in cases(shape, small, "15m"):
        if row in ([DEVICE_ROW] if options.device else options.rows) and case.model.split("-")[1] in options.types:
            samples = measure(case, options)
            all_samples.append({"row": row, "model": case.model, "name": case.name, **samples})
            for line in lines(row, case, samples):
                table.append(line)
                print(text(line), flush=True)
    passed = sum(line["pass"] for line in table)
    print(f"\n{passed} of {len(table)} reached, {time.monotonic() - started:.0f} s")
    if options.json:
        options.json.write_text(json.dumps({"table": table, "samples": all_samples}, ensure_ascii=False), encoding="utf-8")
    if options.markdown:
        options.markdown.write_text("\n".join([HEAD, *map(text, table)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

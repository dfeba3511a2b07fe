"""Other loads than kills: many short requests, clients that read slowly or vanish, and hostile requests; what they cost the streams beside them, and what they leave behind.

    dotnet build -c Release src/Silo && dotnet build -c Release src/Gateway && dotnet build -c Release src/GpuWorker     (each with -p:Lite=false for --full)
    python3 bench/chaos/loads.py [--full] [--only short slow half-open hostile] [--write]

One cluster as of chaos.py, without kills. Beside every load, a few seeded streams run again and again; they must stay equal to the undisturbed ones, and their tokens a second during the load are
compared with those before it: beside nothing, or, for clients that read slowly or vanish, beside as many clients that ask for the same and read it. Each load runs once in small first, so that what a
process keeps for its lifetime (compiled code, pools, buffers) is there; then memory, handles and threads of every process are read before and after it. --write puts the table into docs/reliability.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))

from chaos import wait_until_ready, write  # noqa: E402
from cluster import ROOT, Cluster, Shape  # noqa: E402
from clients import LOADS, Outcome  # noqa: E402
from load import Load  # noqa: E402

STREAMS = 8
TOKENS = 200


@dataclass
class Row:
    """What one load did."""

    name: str
    outcome: Outcome
    speed: float
    goal: str
    change: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    unequal: int = 0
    gone: list[str] = field(default_factory=list)


def main() -> int:
    options = read_options()
    cluster = Cluster(Shape("full" if options.full else "lite", 3, 1, 1, 2 if options.full else 1, 2 if options.full else 1, options.configuration))
    try:
        cluster.start_all()
        wait_until_ready(cluster)
        expected = {answer.seed: answer.tokens for answer in Load(cluster.gateways, STREAMS, TOKENS).once()}
        rows = []
        for name in options.only:
            rows.append(measure(cluster, name, expected, options))
            print(line(rows[-1]), flush=True)
        table = report(cluster, rows)
        print(table)
        if options.write:
            write(table, "loads-full" if options.full else "loads")
        return 1 if any(row.gone or row.unequal or row.outcome.failed for row in rows) else 0
    finally:
        cluster.stop(keep=options.keep)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="the full build: several silos and gateways on PostgreSQL")
    parser.add_argument("--only", nargs="+", default=list(LOADS), choices=list(LOADS))
    parser.add_argument("--window", type=float, default=10, help="seconds over which the streams' speed before a load is taken")
    parser.add_argument("--settle", type=float, default=5, help="seconds after a load until memory is read")
    parser.add_argument("--configuration", default="release")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the logs")
    return parser.parse_args()


def measure(cluster: Cluster, name: str, expected: dict[int, list[int]], options: argparse.Namespace) -> Row:
    load = LOADS[name]
    where = urlsplit(cluster.gateways[0])
    address = (where.hostname, where.port)
    load.run(address, load.size // 5)
    time.sleep(options.settle)
    before = footprint(cluster)
    beside = Load(cluster.gateways, STREAMS, TOKENS)
    beside.start()
    time.sleep(1)
    usual = rate(beside, lambda: load.equal(address) if load.equal else time.sleep(options.window))
    result: list[Outcome] = []
    during = rate(beside, lambda: result.append(load.run(address, load.size)))
    answers = beside.finish()
    time.sleep(options.settle)
    after = footprint(cluster)
    row = Row(load.title, result[0], during / usual, load.goal)
    row.change = {role: max((tuple(a - b for a, b in zip(after[m], before[m])) for m in after if m.rstrip("0123456789") == role and m in before), key=lambda c: c[0])
                  for role in ("silo", "worker", "draft", "gateway")}
    row.unequal = sum(1 for answer in answers if not answer.done or answer.tokens != expected[answer.seed])
    row.gone = [member.name for member in cluster.members if not member.is_up]
    return row


def rate(beside: Load, work) -> float:
    """Tokens a second of the streams beside, while something is done."""
    began, seen = time.monotonic(), sum(client.seen for client in beside.clients)
    work()
    return (sum(client.seen for client in beside.clients) - seen) / (time.monotonic() - began)


def footprint(cluster: Cluster) -> dict[str, tuple[float, int, int]]:
    """MiB resident, file handles and threads of every process."""
    for member in cluster.members:
        member.sample(0)
    return {member.name: (member.samples[-1][1] / (1 << 20), member.samples[-1][2], member.samples[-1][3]) for member in cluster.members if member.is_up}


def line(row: Row) -> str:
    def change(column: int) -> str:
        return ", ".join(f"{role} {values[column]:+.0f}" for role, values in row.change.items())
    gone = ", ".join(row.gone) or "none"
    return f"| {row.name} | {row.outcome} | {row.speed:.0%}{row.goal} | {row.unequal} | {gone} | {change(0)} | {change(1)} | {change(2)} |"


def report(cluster: Cluster, rows: list[Row]) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    return "\n".join([
        f"`{commit}`, {cluster.shape.edition} build, {os.cpu_count()} cores, which the clients share; {STREAMS} seeded streams of {TOKENS} tokens beside each load.", "",
        "| load | answers | speed of the streams beside it | of these unequal | processes lost | memory, MiB | handles | threads |",
        "|---|---|--:|--:|---|---|---|---|", *map(line, rows)])


if __name__ == "__main__":
    sys.exit(main())

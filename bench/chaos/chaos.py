"""Kills processes of a running cluster and compares every stream with an undisturbed run.

    dotnet build -c Release src/Silo && dotnet build -c Release src/Gateway && dotnet build -c Release src/GpuWorker     (each with -p:Lite=false for --full)
    python3 bench/chaos/chaos.py [--full] [--streams 64] [--tokens 200] [--interval 5] [--duration 300] [--roles worker draft silo gateway] [--turns] [--write]

A local cluster of the shipped pair: 3 target shards, a spare and a draft worker; --full: two silos and two gateways on PostgreSQL, otherwise one of each. Clients ask for seeded streams; one
whose connection breaks asks any gateway for the rest. First every seed once, undisturbed; then again and again while a random process of --roles is killed (SIGKILL) every --interval seconds and started
again after --restart seconds. --turns kills each of them once, in order. --write puts the table into docs/reliability.md, where its markers are.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from cluster import ROOT, Cluster, Member, Shape  # noqa: E402
from load import Answer, Client, Load  # noqa: E402

DOCUMENT = ROOT / "docs" / "reliability.md"


def main() -> int:
    options = read_options()
    shape = Shape(
        "full" if options.full else "lite", options.shards, options.spares, options.drafts,
        options.silos or (2 if options.full else 1), options.gateways or (2 if options.full else 1), options.configuration)
    cluster = Cluster(shape)
    failed = True
    try:
        cluster.start_all()
        wait_until_ready(cluster)
        load = Load(cluster.gateways, options.streams, options.tokens)
        began = time.monotonic()
        expected = {answer.seed: answer for answer in load.once()}
        undisturbed = time.monotonic() - began
        bad = [answer for answer in expected.values() if not answer.done or len(answer.tokens) != options.tokens]
        if bad:
            raise SystemExit(f"The undisturbed run failed: {len(bad)} of {len(expected)} streams, for example {bad[0].error or len(bad[0].tokens)}.")
        print(f"undisturbed: {len(expected)} streams of {options.tokens} tokens in {undisturbed:.1f} s, longest wait {max(a.stall for a in expected.values()):.2f} s", flush=True)
        load.start()
        kills = disturb(cluster, options)
        answers = load.finish()
        table = report(cluster, options, expected, answers, kills)
        print(table)
        if options.write:
            write(table, ("full" if options.full else "lite") + ("-gateway" if "gateway" in options.roles else ""))
        failed = any(not a.done or a.tokens != expected[a.seed].tokens for a in answers)
        return 1 if failed else 0
    finally:
        if failed:
            for member in cluster.members:
                print(f"--- {member.name}\n{cluster.log_tail(member, 6)}", file=sys.stderr)
        cluster.stop(keep=options.keep)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="the full build: several silos and gateways on PostgreSQL")
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--interval", type=float, default=5)
    parser.add_argument("--restart", type=float, default=1, help="seconds until a killed process is started again")
    parser.add_argument("--duration", type=float, default=300)
    parser.add_argument("--roles", nargs="+", default=["worker", "draft", "silo", "gateway"], choices=["worker", "draft", "silo", "gateway"])
    parser.add_argument("--turns", action="store_true", help="each process once, in order")
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--spares", type=int, default=1)
    parser.add_argument("--drafts", type=int, default=1)
    parser.add_argument("--silos", type=int)
    parser.add_argument("--gateways", type=int)
    parser.add_argument("--seed", type=int, default=1, help="of the choice of what is killed")
    parser.add_argument("--configuration", default="release")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the logs")
    return parser.parse_args()


def wait_until_ready(cluster: Cluster, limit: float = 180) -> None:
    began = time.monotonic()
    probes = [Client([gateway], 2, 5, 0) for gateway in cluster.gateways]
    for probe in probes:
        while not (answer := probe.run(0)).done:
            dead = [member for member in cluster.members if not member.is_up]
            if dead or time.monotonic() - began > limit:
                detail = "\n".join(cluster.log_tail(member) for member in dead or cluster.members[:1])
                raise SystemExit(f"The cluster did not come up ({', '.join(m.name for m in dead) or answer.error}).\n{detail}")
            time.sleep(0.5)
    print(f"ready after {time.monotonic() - began:.1f} s", flush=True)


def disturb(cluster: Cluster, options: argparse.Namespace) -> list[tuple[float, str]]:
    chooser = random.Random(options.seed)
    candidates = [member for member in cluster.members if member.role in options.roles]
    turns = list(candidates)
    kills: list[tuple[float, str]] = []
    down: list[tuple[float, Member]] = []
    began = time.monotonic()
    next_kill = began + options.interval
    while (turns if options.turns else time.monotonic() - began < options.duration) or down:
        now = time.monotonic()
        for member in cluster.members:
            member.sample(now - began)
        for due, member in [entry for entry in down if entry[0] <= now]:
            down.remove((due, member))
            cluster.start(member)
        gone = [member.name for member in cluster.members if not member.is_up and all(member is not other for _, other in down)]
        if gone:
            raise SystemExit(f"Not killed, but gone: {', '.join(gone)}.")
        ended = not turns if options.turns else now - began >= options.duration
        if now >= next_kill and not ended:
            next_kill = now + options.interval
            up = [member for member in candidates if member.is_up]
            victim = turns.pop(0) if options.turns else chooser.choice(up)
            cluster.kill(victim)
            kills.append((now - began, victim.name))
            print(f"{now - began:7.1f} s  killed {victim.name}", flush=True)
            down.append((now + options.restart, victim))
        time.sleep(0.1)
    time.sleep(options.interval)
    return [(at + began, name) for at, name in kills]


def waits_by_role(answers: list[Answer], kills: list[tuple[float, str]]) -> str:
    """The longest wait during which, or within half a second before which, a process of a role was the last to be killed."""
    worst: dict[str, float] = {}
    for answer in answers:
        blamed = [name for at, name in kills if at <= answer.stalled_from + answer.stall and at >= answer.stalled_from - 0.5]
        role = blamed[-1].rstrip("0123456789") if blamed else "none"
        worst[role] = max(worst.get(role, 0), answer.stall)
    return ", ".join(f"{role} {stall:.2f} s" for role, stall in sorted(worst.items()))


def report(cluster: Cluster, options: argparse.Namespace, expected: dict[int, Answer], answers: list[Answer], kills: list[tuple[float, str]]) -> str:
    completed = [a for a in answers if a.done]
    equal = [a for a in completed if a.tokens == expected[a.seed].tokens]
    stalls = [a.stall for a in answers]
    by_role = {role: sum(1 for _, name in kills if name.startswith(role)) for role in ("silo", "worker", "draft", "gateway")}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    rows = [
        ("streams", f"{options.streams} at once, {options.tokens} tokens each, seeded", ""),
        ("killed (SIGKILL), every " + f"{options.interval:g} s", f"{len(kills)}: " + ", ".join(f"{count} x {role}" for role, count in by_role.items() if count), ""),
        ("streams asked for", str(len(answers)), ""),
        ("completed", str(len(completed)), "all"),
        ("equal to the undisturbed run", str(len(equal)), "all"),
        ("longest wait of a stream, median", f"{statistics.median(stalls):.2f} s", "under 1 s"),
        ("longest wait of a stream, 95 % and maximum", f"{sorted(stalls)[int(len(stalls) * 0.95)]:.2f} s, {max(stalls):.2f} s", "under 5 s"),
        ("longest wait by what was killed meanwhile", waits_by_role(answers, kills), ""),
        ("asked again after a break", str(sum(a.resumes for a in answers)), ""),
        ("started anew before a token came", str(sum(a.restarts for a in answers)), ""),
        ("refused (429, 503)", str(sum(a.refused for a in answers)), ""),
        ("memory in the second minute, and change to the last", growth(cluster, 1, 1 << 20, "MiB"), "none"),
        ("file handles, likewise", growth(cluster, 2, 1, ""), "none"),
        ("threads, likewise", growth(cluster, 3, 1, ""), "none"),
    ]
    lines = [f"`{commit}`, {cluster.shape.edition} build, {os.cpu_count()} cores: {cluster.shape.silos} silos, {cluster.shape.gateways} gateways, {options.shards} shards, {options.spares} spare, {options.drafts} draft.", "",
             "| what | seen | goal |", "|---|--:|--:|"]
    lines += [f"| {name} | {value} | {goal} |" for name, value, goal in rows]
    for answer in [a for a in answers if not a.done or a.tokens != expected[a.seed].tokens][:5]:
        place = next((i for i, (x, y) in enumerate(zip(answer.tokens, expected[answer.seed].tokens)) if x != y), len(answer.tokens))
        print(f"stream of seed {answer.seed}: {len(answer.tokens)} tokens, differs from token {place} on, {answer.resumes} resumes, {answer.error or 'done'}", file=sys.stderr)
    return "\n".join(lines)


def growth(cluster: Cluster, column: int, unit: int, name: str) -> str:
    """Of all processes of a role together, the median of the last minute less that of the second one (of shorter runs: of thirds); killed ones count while they live."""
    last = max(sample[0] for member in cluster.members for sample in member.samples)
    part = min(60.0, last / 3)
    parts = []
    for role in ("silo", "worker", "draft", "gateway"):
        members = [member for member in cluster.members if member.role == role]
        early, late = (total(members, column, begin, begin + part) / unit for begin in (part, last - part))
        if members:
            parts.append(f"{role} {early:.0f} {name}".rstrip() + f" {late - early:+.0f}")
    return ", ".join(parts)


def total(members: list[Member], column: int, begin: float, end: float) -> float:
    """Sum over processes of the median of their samples from then to then."""
    windows = [[sample[column] for sample in member.samples if begin <= sample[0] <= end] for member in members]
    return sum(statistics.median(window) for window in windows if window)


def write(table: str, edition: str) -> None:
    text = DOCUMENT.read_text()
    begin, end = f"<!-- chaos:{edition} -->", f"<!-- /chaos:{edition} -->"
    if begin not in text or end not in text:
        raise SystemExit(f"{DOCUMENT} lacks the markers '{begin}' and '{end}'.")
    head, rest = text.split(begin, 1)
    DOCUMENT.write_text(f"{head}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}")


if __name__ == "__main__":
    sys.exit(main())

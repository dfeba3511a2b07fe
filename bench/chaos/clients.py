"""Clients that are many, slow, gone or hostile."""

from __future__ import annotations

import http.client
import json
import random
import socket
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable

from cluster import MODEL
from load import PROMPTS

Address = tuple[str, int]


@dataclass
class Outcome:
    """What clients saw."""

    counts: Counter = field(default_factory=Counter)
    failed: int = 0
    note: str = ""

    def __str__(self) -> str:
        return ", ".join(f"{count} x {name}" for name, count in sorted(self.counts.items(), key=lambda entry: str(entry[0]))) + (f"; {self.note}" if self.note else "")


@dataclass
class Kind:
    """A kind of load: how it is run, and what the streams beside it are compared with."""

    title: str
    size: int
    run: Callable[[Address, int], Outcome]
    equal: Callable[[Address], object] | None = None
    goal: str = ""


def post(body: bytes | str, path: str = "/v1/completions", extra: str = "") -> bytes:
    """A request as bytes."""
    data = body.encode() if isinstance(body, str) else body
    return f"POST {path} HTTP/1.1\r\nHost: winnow\r\nContent-Type: application/json\r\n{extra}Content-Length: {len(data)}\r\n\r\n".encode() + data


def each(count: int, threads: int, work: Callable[[int], None]) -> None:
    """Does every number below count once, by so many threads."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def loop() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            work(number)

    started = [threading.Thread(target=loop, daemon=True) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


# Many short requests.

def short(address: Address, count: int) -> Outcome:
    """Four tokens each, over kept connections of 200 clients; the same seed must give the same answer."""
    outcome, lock = Outcome(), threading.Lock()
    local = threading.local()
    texts: dict[int, str] = {}
    times: list[float] = []

    def ask(number: int) -> None:
        seed = number % 50
        body = json.dumps({"model": MODEL, "prompt": PROMPTS[seed % len(PROMPTS)], "max_tokens": 4, "seed": seed, "temperature": 1.0, "ignore_eos": True})
        began = time.monotonic()
        try:
            if not hasattr(local, "connection"):
                local.connection = http.client.HTTPConnection(*address, timeout=60)
            local.connection.request("POST", "/v1/completions", body, {"Content-Type": "application/json"})
            response = local.connection.getresponse()
            data = response.read()
            text = json.loads(data)["choices"][0]["text"] if response.status == 200 else ""
            status: object = response.status
        except (OSError, http.client.HTTPException) as broken:
            local.__dict__.pop("connection", None)
            status, text = type(broken).__name__, ""
        with lock:
            outcome.counts[status] += 1
            times.append(time.monotonic() - began)
            if status != 200 or texts.setdefault(seed, text) != text:
                outcome.failed += 1

    began = time.monotonic()
    each(count, 200, ask)
    ordered = sorted(times)
    outcome.note = f"{count / (time.monotonic() - began):.0f} a second, half within {statistics.median(times):.2f} s, 99 % within {ordered[int(len(ordered) * 0.99)]:.2f} s"
    return outcome


# Clients that do not read.

def large(seed: int, tokens: int = 400) -> bytes:
    """Asks for a stream of a megabyte: 20 log-probabilities a token, two choices."""
    return post(json.dumps({
        "model": MODEL, "prompt": PROMPTS[seed % len(PROMPTS)], "max_tokens": tokens, "seed": seed, "temperature": 1.0, "ignore_eos": True, "stream": True, "logprobs": 5, "n": 2,
    }))


def connect(address: Address, small: bool = True) -> socket.socket:
    """A connection that takes little before it pushes back."""
    client = socket.socket()
    if small:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    client.settimeout(30)
    client.connect(address)
    return client


def drink(client: socket.socket, chunk: int, pause: float, limit: float) -> str:
    """Reads a stream to its end, at some pace, and says how it ended."""
    until = time.monotonic() + limit
    tail = b""
    try:
        while time.monotonic() < until:
            data = client.recv(chunk)
            if not data:
                return "cut off"
            tail = (tail + data)[-64:]
            if b"data: [DONE]" in tail:
                return "read to the end"
            time.sleep(pause)
        return "still reading"
    except OSError:
        return "cut off"
    finally:
        client.close()


def readers(address: Address, count: int, chunk: int, pause: float, limit: float, small: bool) -> Outcome:
    outcome, lock = Outcome(), threading.Lock()

    def read(number: int) -> None:
        client = connect(address, small)
        client.sendall(large(number))
        end = drink(client, chunk, pause, limit)
        with lock:
            outcome.counts[end] += 1

    each(count, count, read)
    return outcome


def slow(address: Address, count: int) -> Outcome:
    """Each reads 2 KiB a second, ten times what the server asks for, for 20 seconds, and then leaves."""
    return readers(address, count, 512, 0.25, 20, small=True)


def vanished(address: Address, count: int) -> Outcome:
    """A quarter each: silent after its stream has begun, in mid-header, in mid-body, and before any byte; nobody closes. How many the server has closed after 25 s."""
    outcome = Outcome()
    kinds = {
        "streams": lambda number: large(number), "headers": lambda _: b"POST /v1/completions HTTP/1.1\r\nHost: winnow\r\nX-Half: ",
        "bodies": lambda _: post(b"{" + b" " * 1000)[:-500], "silent": lambda _: b"",
    }
    open_sockets = []
    for number in range(count):
        kind = list(kinds)[number % 4]
        client = connect(address)
        client.sendall(kinds[kind](number))
        open_sockets.append((kind, client))
    time.sleep(25)
    for kind, client in open_sockets:
        outcome.counts[f"{kind} {'closed' if is_closed(client) else 'open'}"] += 1
        client.close()
    return outcome


def is_closed(client: socket.socket) -> bool:
    """Whether the server has ended the connection; what it sent before is read away."""
    client.settimeout(0.2)
    try:
        while client.recv(1 << 16):
            pass
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


# Hostile requests.

def hostile(address: Address, count: int) -> Outcome:
    """A seeded mix, fifty a second. Whatever it is, the answer is a refusal, an answer, or the end of the connection; a failure of the server is none of these."""
    outcome, lock = Outcome(), threading.Lock()
    began = time.monotonic()

    def ask(number: int) -> None:
        time.sleep(max(0.0, began + number / 50 - time.monotonic()))
        data = attack(random.Random(number), number)
        status = send(address, data)
        with lock:
            outcome.counts[status] += 1
            # 505 is the right answer to HTTP/9.9, and empty lines ask for none.
            if (status.startswith("5") and status != "505") or (status == "no answer" and data.strip()):
                outcome.failed += 1

    each(count, 64, ask)
    return outcome


def send(address: Address, data: bytes) -> str:
    try:
        client = connect(address, small=False)
    except OSError:
        return "not connected"
    try:
        client.settimeout(40)
        try:
            client.sendall(data)
        except OSError:
            pass
        head = client.recv(64)
        return head.split(b" ")[1].decode() if head.startswith(b"HTTP/1.") else "closed"
    except TimeoutError:
        return "no answer"
    except OSError:
        return "closed"
    finally:
        client.close()


def attack(chooser: random.Random, number: int) -> bytes:
    """One hostile request; the kinds take turns."""
    kinds = (malformed, wrong_values, deep, huge, header_flood, path_trick, broken_http, costly)
    return kinds[number % len(kinds)](chooser)


def malformed(chooser: random.Random) -> bytes:
    good = json.dumps({"model": MODEL, "prompt": "x", "max_tokens": 2})
    cut = good[: chooser.randrange(len(good))]
    return post(chooser.choice([cut, good + "}", good.replace(":", ";"), "nul", "", "\ufeff" + good, '{"prompt": "\\ud800"}', "[1,2"]).encode("utf-8", "surrogatepass") + chooser.randbytes(chooser.choice([0, 8])))


def wrong_values(chooser: random.Random) -> bytes:
    body: dict[str, object] = {"model": MODEL, "prompt": "x", "max_tokens": 2}
    name, values = chooser.choice([
        ("max_tokens", [-1, 0, 10**30, "many", 1.5, None]), ("n", [0, -1, 10**9]), ("temperature", [-1, 1e308, "hot", []]), ("top_p", [-0.1, 7, {}]), ("seed", [10**40, "x", -(2**70)]),
        ("stop", [["s"] * 20000, [""], 7, [[]]]), ("logit_bias", [{str(i): 1 for i in range(20000)}, {"x": 1}, {"-1": 1}, {"5": 1e300}]), ("logprobs", [10**6, -1, "yes"]),
        ("prompt", [[-1], [10**12], [[1], "x"], {}, [], "", None, ["x"] * 5000]), ("model", ["", "../../etc/passwd", "x" * 100000, None, 7]), ("best_of", [10**9]), ("suffix", ["x" * 10**6])])
    body[name] = chooser.choice(values)
    return post(json.dumps(body))


def deep(chooser: random.Random) -> bytes:
    depth = chooser.choice([100, 1000, 100_000])
    inner = chooser.choice(["[", '{"a":'])
    return post('{"model": "x", "messages": ' + inner * depth, "/v1/chat/completions")


def huge(chooser: random.Random) -> bytes:
    kind = chooser.randrange(4)
    if kind == 0:
        return b"POST /v1/completions HTTP/1.1\r\nHost: winnow\r\nContent-Type: application/json\r\nContent-Length: 99999999999999\r\n\r\n{"
    if kind == 1:
        return post(json.dumps({"model": MODEL, "prompt": "word " * 400_000, "max_tokens": 2}))
    if kind == 2:
        return b"POST /v1/completions HTTP/1.1\r\nHost: winnow\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"[" * 65536 + b"\r\nfffffffffff\r\n"
    return post(json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "x"}] * 100_000}), "/v1/chat/completions")


def header_flood(chooser: random.Random) -> bytes:
    extra = chooser.choice([
        "".join(f"X-{i}: y\r\n" for i in range(5000)), "X-Long: " + "y" * 200_000 + "\r\n", "Cookie: " + "a=b; " * 20_000 + "\r\n", "Authorization: Bearer " + "k" * 30_000 + "\r\n",
        "Last-Event-ID: " + "9" * 20_000 + "\r\n", "X-\x01: y\r\n", ": y\r\n", "X: a\r\n\tb\r\n"])
    return post('{"model": "x", "prompt": "x"}', extra=extra)


def path_trick(chooser: random.Random) -> bytes:
    path = chooser.choice([
        "/v1/../admin/models", "/v1/%2e%2e/admin/models", "//admin//models", "/v1/models/../../../../etc/passwd", "/v1/streams/..%2f..%2fetc%2fpasswd", "/v1/models/%00", "/v1/streams/%ff%fe",
        "/" + "a/" * 15_000, "/v1/models?" + "q=1&" * 7_000, "/v1/streams/" + "x" * 20_000, "/v1/completions;x=1", "/v1\\admin", "http://other/v1/models", "*", "/model-store/..%2f..%2fetc/passwd"])
    return f"{chooser.choice(['GET', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'BREW'])} {path} HTTP/1.1\r\nHost: winnow\r\nContent-Length: 0\r\n\r\n".encode()


def broken_http(chooser: random.Random) -> bytes:
    return chooser.choice([
        chooser.randbytes(2000), b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n", b"\r\n" * 5000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chooser.randbytes(500),
        b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET /v1/models HTTP/1.1\r\n\r\n", b"GET /v1/models HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chooser.randbytes(300)])


def costly(chooser: random.Random) -> bytes:
    """Grammars and schemas that explode when they are taken literally."""
    body: dict[str, object] = {"model": MODEL, "prompt": "x", "max_tokens": 2}
    schema: dict[str, object] = {"type": "object"}
    for _ in range(200):
        schema = {"type": "object", "properties": {"a": schema, "b": {"anyOf": [schema["type"] and {"type": "string"}] * 20}}, "required": ["a"]}
    body.update(chooser.choice([
        {"guided_regex": "(a{1,1000}){1,1000}"}, {"guided_regex": "(" * 5000}, {"guided_regex": "(a|a)*b" * 500}, {"guided_grammar": "root ::= root root | root"},
        {"guided_grammar": "root ::= " + "(" * 5000}, {"guided_json": schema}, {"guided_json": {"$ref": "#"}}, {"guided_choice": ["x" * 10_000] * 1000}]))
    return post(json.dumps(body))


LOADS = {
    "short": Kind("10,000 short requests, 200 clients", 10_000, short, goal=" (they share the batch)"),
    "slow": Kind("24 slow readers, 2 KiB/s", 24, slow, lambda address: readers(address, 24, 1 << 16, 0, 60, small=False)),
    "half-open": Kind("96 half-open connections", 96, vanished, lambda address: readers(address, 24, 1 << 16, 0, 60, small=False)),
    "hostile": Kind("1,000 hostile requests, 50 a second", 1000, hostile),
}

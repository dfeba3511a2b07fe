"""Seeded streams that are taken up again wherever a gateway answers, and what they saw."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cluster import MODEL

PROMPTS = [
    "Tom has 3 bags with 4 apples each. How many apples does he have?",
    "A train goes 60 miles in one hour. How far does it go in 5 hours?",
    "Mia buys 7 pens for 2 dollars each. What does she pay?",
    "There are 24 children in 4 groups. How many are in each group?",
    "A box holds 12 eggs. How many eggs are in 9 boxes?",
    "Sam had 50 coins and gave away 18. How many are left?",
    "Each of 6 shelves has 15 books. How many books are there?",
    "A farmer has 8 cows and 13 sheep. How many animals does he have?",
]


@dataclass
class Answer:
    """What a client saw of one stream."""

    seed: int
    tokens: list[int] = field(default_factory=list)
    done: bool = False
    stall: float = 0
    stalled_from: float = 0
    resumes: int = 0
    refused: int = 0
    restarts: int = 0
    error: str = ""

    def waited(self, since: float) -> None:
        """Nothing came since then, until now."""
        stall = time.monotonic() - since
        if stall > self.stall:
            self.stall, self.stalled_from = stall, since


class Client:
    """One client: opens a stream at any gateway, and asks any for the rest when the connection breaks."""

    def __init__(self, gateways: list[str], tokens: int, patience: float, random_seed: int) -> None:
        self.gateways = gateways
        self.tokens = tokens
        self.patience = patience
        self.random = random.Random(random_seed)
        self.seen = 0

    def run(self, seed: int) -> Answer:
        answer = Answer(seed)
        state = {"id": "", "event": "", "last": time.monotonic()}
        first = True
        while not answer.done:
            if time.monotonic() - state["last"] > self.patience:
                answer.error = answer.error or f"nothing came for {self.patience:.0f} s"
                break
            if not first:
                time.sleep(0.1)
            first = False
            try:
                self._once(answer, state)
            except (OSError, http.client.HTTPException, ValueError) as broken:
                answer.error = f"{type(broken).__name__}: {broken}"
        if not answer.done:
            answer.waited(state["last"])
        if answer.done:
            answer.error = ""
        return answer

    def _once(self, answer: Answer, state: dict) -> None:
        where = urlsplit(self.random.choice(self.gateways))
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
        try:
            if state["id"]:
                answer.resumes += 1
                connection.request("GET", f"/v1/streams/{state['id']}", headers={"Last-Event-ID": state["event"]})
            else:
                body = {
                    "model": MODEL, "prompt": PROMPTS[answer.seed % len(PROMPTS)], "max_tokens": self.tokens, "seed": answer.seed,
                    "temperature": 1.0, "ignore_eos": True, "stream": True, "return_token_ids": True,
                }
                connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            if response.status != 200:
                text = response.read(500).decode(errors="replace")
                answer.error = f"{response.status} {text}"
                if response.status in (429, 503) and not state["id"]:
                    answer.refused += 1
                    time.sleep(min(float(response.headers.get("Retry-After") or 0.2), 1.0))
                    state["last"] = time.monotonic()
                if response.status == 404 and state["id"] and not answer.tokens:
                    # Its session was lost before a token came: nothing is lost but the start.
                    state["id"] = ""
                    answer.restarts += 1
                return
            self._read(response, answer, state)
        finally:
            connection.close()

    def _read(self, response: http.client.HTTPResponse, answer: Answer, state: dict) -> None:
        event = ""
        for raw in response:
            line = raw.decode().rstrip("\n").rstrip("\r")
            if line.startswith("id:"):
                event = line[3:].strip()
            elif line.startswith("data:"):
                data = line[5:].strip()
                if data == "[DONE]":
                    answer.done = True
                    return
                message = json.loads(data)
                if "error" in message:
                    answer.error = data
                    return
                now = time.monotonic()
                answer.waited(state["last"])
                state["last"] = now
                state["id"] = message.get("id", state["id"])
                state["event"] = event or state["event"]
                for choice in message.get("choices", []):
                    answer.tokens += choice.get("token_ids") or []
                    self.seen += len(choice.get("token_ids") or [])


class Load:
    """Many clients at once, each asking one stream after another until told to stop."""

    def __init__(self, gateways: list[str], streams: int, tokens: int, patience: float = 60) -> None:
        self.streams = streams
        self.clients = [Client(gateways, tokens, patience, index) for index in range(streams)]
        self.answers: list[Answer] = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()

    def once(self) -> list[Answer]:
        """Every seed once."""
        self.answers = []
        self._run(lambda client, index: self._one(client, index))
        return self.answers

    def start(self) -> None:
        """The same seeds again and again."""
        self.answers = []
        self.stopping.clear()
        self.threads = [threading.Thread(target=self._loop, args=(client, index), daemon=True) for index, client in enumerate(self.clients)]
        for thread in self.threads:
            thread.start()

    def finish(self) -> list[Answer]:
        """No new streams; waits for the running ones."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self.answers

    def _loop(self, client: Client, index: int) -> None:
        while not self.stopping.is_set():
            self._one(client, index)

    def _one(self, client: Client, index: int) -> None:
        answer = client.run(index)
        with self.lock:
            self.answers.append(answer)

    def _run(self, work) -> None:
        threads = [threading.Thread(target=work, args=(client, index), daemon=True) for index, client in enumerate(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

"""Whether a request is lost, or answered by another version than its answer names, while the champion changes.

python benchmarks/switching.py first second [--switches 20] [--clients 4]

`first` and `second` are deployable models that translate differently. They are registered in a registry of their own,
which `seqline serve` follows as a process of its own; clients in this one ask without a pause while the alias moves
from one version to the other and back. Prints one JSON document.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.files import content_hash
from seqline.serving.bundle import Bundle
from seqline.types import Facts

NAME, ALIAS = "switching", "champion"
LINES = ("the cat sat on the mat", "", "good morning", "I like tea.")
DEADLINE_S = 600.0


@dataclass
class Tally:
    """What the clients saw; ``right`` are the translations of each version."""

    right: dict[str, list[str]]
    outcomes: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    latest: str = ""

    def count(self, status: int, body: bytes) -> None:
        if status != 200:
            self.outcomes["failed"] += 1
            return
        answer = json.loads(body)
        texts = [line["text"] for line in answer["translations"]]
        self.outcomes["right" if texts == self.right[answer["version"]] else "wrong version"] += 1
        self.versions[answer["version"]] += 1
        self.latest = answer["version"]


@contextmanager
def server(root: Path) -> Iterator[int]:
    """The port of a server that follows the alias."""
    model = ["--model", f"models:/{NAME}@{ALIAS}", "--follow", "0.2"]
    command = [sys.executable, "-m", "seqline", "serve", "--port", "0", "--threads", "1", *model]
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    with subprocess.Popen(command, cwd=root, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            found = next(match for line in process.stderr if (match := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield int(found[1])
        finally:
            process.terminate()


@contextmanager
def asking(port: int, clients: int, tally: Tally) -> Iterator[None]:
    """Within, so many clients ask, each again as soon as it is answered."""
    lock, end = threading.Lock(), threading.Event()
    body = json.dumps({"lines": LINES})

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while not end.is_set():
            try:
                connection.request("POST", "/translate", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                status, content = answer.status, answer.read()
            except OSError:
                connection.close()
                status, content = 0, b""
            with lock:
                tally.count(status, content)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()


def switched(root: Path, bundles: Sequence[Path], switches: int, clients: int) -> dict[str, object]:
    """What the clients saw while the champion changed so many times."""
    registry = MlflowRegistry(root)
    facts = [Facts(content_hash(one), metrics={}, params={}, lineage={}, example=LINES[0]) for one in bundles]
    numbers = [registry.register(NAME, *pair).number for pair in zip(bundles, facts, strict=True)]
    versions = [f"{NAME}/{number}" for number in numbers]
    texts = [[best[0].text for best in Bundle.open(one).translate(LINES)] for one in bundles]
    assert texts[0] != texts[1], "the two models translate alike: no answer would be told from the other's"
    registry.set_alias(NAME, ALIAS, numbers[0])
    tally, begin = Tally(dict(zip(versions, texts, strict=True))), time.monotonic()
    with server(root) as port, asking(port, clients, tally):
        for turn in range(1, switches + 1):
            registry.set_alias(NAME, ALIAS, numbers[turn % 2])
            deadline = time.monotonic() + DEADLINE_S
            while tally.latest != versions[turn % 2]:
                assert time.monotonic() < deadline, f"switch {turn} was not followed"
                time.sleep(0.05)
    seconds = round(time.monotonic() - begin, 1)
    outcomes = {name: tally.outcomes[name] for name in ("right", "failed", "wrong version")}
    return {"switches": switches, "clients": clients, **outcomes, "versions": dict(tally.versions), "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--switches", type=int, default=20)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        print(json.dumps(switched(Path(root), (options.first, options.second), options.switches, options.clients)))


if __name__ == "__main__":
    main()

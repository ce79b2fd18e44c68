"""What the HTTP server costs over the bare model, how long answers take, and what a flood does to it.

python benchmarks/serving.py PROJECT [--model selected] [--threads 2] [--seconds 10]

The server is a process of its own, the clients are threads of this one: both share the cores with the model. The bare
model is `Bundle.translate`: SentencePiece and CTranslate2. It and the server translate the project's test set in turns,
in batches of the same size; then single lines come at a share of the most that the server can do; then ten times as
many clients as it lets in. Prints one JSON document per part.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl

from seqline.evaluation.slices import num_words
from seqline.server.limits import Limits
from seqline.serving.bundle import Bundle
from seqline.workspace import Workspace

LIMITS = Limits()
CLIENTS = 8
JSON = {"Content-Type": "application/json"}
PROBE = """
import http.client, json, sys, time
port, end, found = int(sys.argv[1]), time.monotonic() + float(sys.argv[2]), []
while time.monotonic() < end:
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    found.append(1000 * (time.perf_counter() - begin))
    connection.close()
    time.sleep(0.05)
print(json.dumps(found))
"""
SHARE = 0.5


@dataclass
class Tally:
    """What clients saw: answers by status, source words that were translated, seconds of each answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    words: int = 0
    seconds: list[float] = field(default_factory=list)


@contextmanager
def server(project: Path, model: str, threads: int) -> Iterator[tuple[int, int]]:
    """The port and the number of the process of a server."""
    command = [sys.executable, "-m", "seqline", "serve", "--model", model, "--port", "0", "--threads", str(threads)]
    process = subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = next(match for line in process.stderr if (match := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
    threading.Thread(target=process.stderr.read, daemon=True).start()
    try:
        yield int(found[1]), process.pid
    finally:
        process.terminate()
        process.wait()


def percentile(values: Sequence[float], percent: int) -> float:
    return round(float(np.percentile(values, percent)), 1)


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024 / 1e6, 1)  # type: ignore[index]


def clients(port: int, number: int, seconds: float, lines: Callable[[], Sequence[str]], pause_s: float = 0.0) -> Tally:
    """So many clients, each of which asks again as soon as it is answered, or sent away."""
    tally, lock, end = Tally(), threading.Lock(), time.perf_counter() + seconds

    def ask(_: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            given = lines()
            begin = time.perf_counter()
            try:
                connection.request("POST", "/translate", json.dumps({"lines": given}), JSON)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except OSError:
                connection.close()
                status = 0
            took = time.perf_counter() - begin
            with lock:
                tally.statuses[status] += 1
                if status == 200:
                    tally.seconds.append(took)
                    tally.words += sum(map(num_words, given))
            time.sleep(pause_s if status == 200 else 0.1)

    with ThreadPoolExecutor(number) as crowd:
        list(crowd.map(ask, range(number)))
    return tally


def bare(bundle: Bundle, batches: Sequence[Sequence[str]], seconds: float, threads: int) -> float:
    """Words per second of `Bundle.translate`, SentencePiece counted, called by as many threads as the server does."""
    numbers, end, lock, words = count(), time.perf_counter() + seconds, threading.Lock(), 0

    def work(_: int) -> None:
        nonlocal words
        while time.perf_counter() < end:
            batch = batches[next(numbers) % len(batches)]
            bundle.translate(batch)
            with lock:
                words += sum(map(num_words, batch))

    begin = time.perf_counter()
    with ThreadPoolExecutor(threads + 1) as pool:
        list(pool.map(work, range(threads + 1)))
    return words / (time.perf_counter() - begin)


def throughput(port: int, bundle: Bundle, batches: Sequence[Sequence[str]], options: argparse.Namespace) -> float:
    """Print the ratio of the best of some rounds; returns the server's words per second."""
    numbers, best = count(), {"bare": 0.0, "server": 0.0}
    for _ in range(options.rounds):
        best["bare"] = max(best["bare"], bare(bundle, batches, options.seconds, options.threads))
        found = clients(port, CLIENTS, options.seconds, lambda: batches[next(numbers) % len(batches)])
        best["server"] = max(best["server"], found.words / options.seconds)
    figures = {f"{name}_words_per_s": round(value) for name, value in best.items()}
    assert best["server"], f"no answer: {found.statuses}"
    ratio = round(best["server"] / best["bare"], 3)
    print(json.dumps({"bare": "Bundle.translate", **figures, "ratio": ratio, "batch_lines": LIMITS.batch_lines}))
    return best["server"]


def latency(port: int, lines: Sequence[str], words_per_s: float, options: argparse.Namespace) -> None:
    """Single lines, so many clients that they ask for about SHARE of what the server can do."""
    numbers = count()
    words = statistics.fmean(map(num_words, lines))
    pause_s = CLIENTS * words / (SHARE * words_per_s)
    found = clients(port, CLIENTS, options.seconds, lambda: [lines[next(numbers) % len(lines)]], pause_s)
    figures = {f"p{percent}_ms": percentile([1000 * one for one in found.seconds], percent) for percent in (50, 95, 99)}
    load = round(found.words / options.seconds / words_per_s, 2)
    print(json.dumps({"single_lines": sum(found.statuses.values()), "load": load, **figures}))


def overload(port: int, pid: int, batches: Sequence[Sequence[str]], options: argparse.Namespace) -> None:
    """Ten times as many clients as the server's queue has room for; a process of its own asks for health meanwhile."""
    crowd = 10 * LIMITS.waiting_lines // LIMITS.batch_lines
    before, numbers = resident_mb(pid), count()
    command = [sys.executable, "-c", PROBE, str(port), str(options.seconds)]
    probe = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    found = clients(port, crowd, options.seconds, lambda: batches[next(numbers) % len(batches)])
    health = json.loads(probe.communicate()[0])
    figures = {
        "clients": crowd,
        "statuses": dict(found.statuses),
        "words_per_s": round(found.words / options.seconds),
        "health_ms": {f"p{percent}": percentile(health, percent) for percent in (50, 95, 99, 100)},
        "rss_mb_before": before,
        "rss_mb_after": resident_mb(pid),
    }
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, nargs="?", default=Path())
    parser.add_argument("--model", default="selected")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    work = Workspace(options.project.resolve())
    if not (work.clean / "test.parquet").is_file():
        print(json.dumps({"benchmark": "serving", "skipped": f"no pipeline has run in {work.root}"}))
        return
    lines = [line for line in pl.read_parquet(work.clean / "test.parquet")["source"].to_list() if line]
    size = LIMITS.batch_lines
    batches = [lines[begin : begin + size] for begin in range(0, len(lines) - size + 1, size)]
    bundle = Bundle.open(work.model(options.model), threads=options.threads)
    with server(work.root, options.model, options.threads) as (port, pid):
        words_per_s = throughput(port, bundle, batches, options)
        latency(port, lines, words_per_s, options)
        overload(port, pid, batches, options)


if __name__ == "__main__":
    main()

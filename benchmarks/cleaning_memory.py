"""Memory and speed of cleaning, at two sizes of one corpus: does ten times the pairs need ten times the memory?

python benchmarks/cleaning_memory.py [--pairs 1000000 10000000] [--threads 2] [--data ../shared/data/enzh_open]

The corpus is repeated, each round with its number appended. Cleaning runs as a process of its own, with everything but
the pair score (and similar pairs, unless ``--near-share`` is given); its peak is that of all its processes together
(proportional set size, sampled twice a second). Prints one JSON document per size and the ratio of the peaks of the
last and the first.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from seqline import files, params
from seqline.stages import clean
from seqline.stages.job import Job
from seqline.workspace import Workspace

PROFILE = Path(__file__).parents[1] / "profiles" / "phrasebook.yaml"
SCHEMA = pa.schema([("line", pa.int64()), ("source", pa.string()), ("target", pa.string()), ("label", pa.string())])
SHARD = 65_536


def texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        yield from (line.removesuffix("\n") for line in lines)


def rounds(data: Path) -> Iterator[tuple[str, str]]:
    for number in count():
        end = f" {number}" if number else ""
        for source, target in zip(texts(data / "train.en.gz"), texts(data / "train.zh.gz"), strict=True):
            yield source + end, target + end


def make(work: Workspace, data: Path, num_pairs: int) -> None:
    pairs = islice(rounds(data), num_pairs)
    with (
        files.staged(work.raw, corpora=[{"name": "big", "split": "train"}]) as folder,
        pq.ParquetWriter(folder / "big.train.parquet", SCHEMA, compression="zstd") as writer,
    ):
        line = 1
        while shard := list(islice(pairs, SHARD)):
            lines = range(line, line + len(shard))
            columns = [pa.array(lines), *map(pa.array, zip(*shard, strict=True)), pa.array([""] * len(shard))]
            writer.write_table(pa.table(columns, schema=SCHEMA))
            line += len(shard)


def run(root: Path, threads: int, near_share: float | None) -> None:
    """What the process under observation does."""
    whole = params.load(PROFILE)
    copies = whole.clean.deduplicate.model_copy(update={"near_share": near_share})
    chosen = whole.clean.model_copy(update={"pair_score": None, "deduplicate": copies})
    project = whole.project.model_copy(update={"threads": threads})
    clean.run(Job(whole.model_copy(update={"clean": chosen, "project": project}), Workspace(root)))


def observed(command: list[str]) -> tuple[float, int]:
    """Seconds, and the most bytes that a process and those that it started held at once.

    Raises:
        CalledProcessError: the process failed.
    """
    begin, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, held(process.pid))
        time.sleep(0.5)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - begin, peak


def held(pid: int) -> int:
    total = 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            total += process.memory_full_info().pss
    except psutil.NoSuchProcess:
        return 0
    return total


def measured(num_pairs: int, options: argparse.Namespace) -> dict[str, object]:
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        work = Workspace(Path(folder))
        make(work, options.data, num_pairs)
        again = [sys.executable, __file__, "--run", folder, "--threads", str(options.threads)]
        again += ["--near-share", str(options.near_share)] if options.near_share else []
        seconds, peak = observed(again)
        report = files.read_json(work.reports / "clean.json")
    return {
        "benchmark": "cleaning_memory",
        "pairs": num_pairs,
        "threads": options.threads,
        "near_share": options.near_share,
        "kept": report["kept"],
        "dropped": report["dropped"],
        "seconds": round(seconds, 1),
        "pairs_per_s": round(num_pairs / seconds),
        "peak_mb": round(peak / 1e6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--near-share", type=float)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "enzh_open")
    parser.add_argument("--scratch", type=Path, help="where the corpora are written; some GB")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run(options.run, options.threads, options.near_share)
    peaks = []
    for num_pairs in options.pairs:
        figures = measured(num_pairs, options)
        peaks.append(int(str(figures["peak_mb"])))
        print(json.dumps(figures), flush=True)
    print(json.dumps({"benchmark": "cleaning_memory", "pairs": options.pairs, "ratio": round(peaks[-1] / peaks[0], 2)}))
    return None


if __name__ == "__main__":
    main()

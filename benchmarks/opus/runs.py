"""Fresh processes of both tools, each timed from its start to its end, with the pairs that it kept."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

import seqline
from opus import rules
from opus.rules import Rule
from seqline.benchmarking.memory import PeakMemory
from seqline.params import Params

_SOURCES = Path(seqline.__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """Wall time, processor time and memory of all processes together.

    ``reading_s`` is the wall time that reading the text files took before (Seqline).
    """

    seconds: float
    cpu_s: float
    peak_mb: int
    reading_s: float = 0.0


@dataclass(frozen=True)
class OpusFilter:
    """OpusFilter in its own environment; 1 job is how it comes."""

    python: Path
    num_jobs: int = 1

    def run(self, raw: Path, some: tuple[Rule, ...], folder: Path) -> Run:
        """Start from an empty folder."""
        _emptied(folder)
        rules.write(rules.configuration(some, _texts(raw)), folder / "opusfilter.yaml")
        jobs = [] if self.num_jobs == 1 else ["--n-jobs", str(self.num_jobs)]
        command = [str(self.python), str(self.python.with_name("opusfilter")), "opusfilter.yaml", *jobs]
        return _timed(command, folder, {})

    def kept(self, folder: Path) -> pl.DataFrame:
        """The pairs of the last run."""
        sides = {side: _lines(folder / f"kept.{code}") for side, code in (("source", "en"), ("target", "zh"))}
        return pl.DataFrame(sides)


@dataclass(frozen=True)
class Seqline:
    """The stages ``download``, which reads the text files, and ``clean``, as DVC starts them."""

    profile: Params
    threads: int

    def run(self, raw: Path, some: tuple[Rule, ...], folder: Path) -> Run:
        """Start from an empty project."""
        _emptied(folder)
        rules.write(rules.params(self.profile, some, _texts(raw), self.threads), folder / "params.yaml")
        stage, paths = [sys.executable, "-m", "seqline", "stage"], {"PYTHONPATH": str(_SOURCES)}
        reading = _timed([*stage, "download"], folder, paths)
        return replace(_timed([*stage, "clean"], folder, paths), reading_s=reading.seconds)

    def kept(self, folder: Path) -> pl.DataFrame:
        """The pairs of the last run, their ends stripped as OpusFilter's are."""
        frame = pl.read_parquet(folder / "data" / "clean" / "train.parquet", columns=["source", "target"])
        return frame.select(pl.all().str.strip_chars_end())

    def dropped(self, folder: Path) -> dict[str, int]:
        """How many pairs each rule dropped in the last run."""
        found: dict[str, int] = json.loads((folder / "reports" / "clean.json").read_text())["dropped"]
        return found


def _timed(command: Sequence[str], folder: Path, variables: dict[str, str]) -> Run:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    with (folder / "log").open("w+") as log:
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        with PeakMemory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{log.read()[-2000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory.num_bytes // 10**6)


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _texts(raw: Path) -> list[str]:
    return [str(raw / "raw.en"), str(raw / "raw.zh")]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")

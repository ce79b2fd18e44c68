"""Pairs per second of the stage ``clean``: each pass, the rules alone, and all of it, up to the written files."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqline.benchmarking.memory import PeakMemory
from seqline.benchmarking.pairs import CORPUS, repeated, stored
from seqline.cleaning.language import Language, language
from seqline.cleaning.preview import losses
from seqline.cleaning.shards import Shard
from seqline.cleaning.workers import workers
from seqline.corpus.row import Row
from seqline.params import Params
from seqline.params.cleaning import Clean, Mix
from seqline.progress import Advance, progress
from seqline.stages import clean
from seqline.stages.job import Job
from seqline.workspace import Workspace

_WARM_PAIRS = 20_000
_SHARDS_PER_WORKER = 4
"""Enough for the rules alone: about a quarter of a million pairs."""


@dataclass(frozen=True)
class Pass:
    """One pass over all pairs: how long it took and what it said in the end (``12 dropped``)."""

    name: str
    seconds: float
    said: str


@dataclass(frozen=True)
class Speed:
    """What cleaning took: ``passes`` add up to ``seconds``, ``peak_bytes`` is for all processes together."""

    pairs: int
    kept: int
    workers: int
    passes: list[Pass]
    seconds: float
    rules_pairs_per_s: float
    peak_bytes: int


def speed(params: Params, base: Sequence[Row], num_pairs: int, folder: Path) -> Speed:
    """Clean ``num_pairs`` pairs, made of ``base``, in an empty folder, as the params say.

    Loops are compiled before, on few pairs, and what starts the workers counts. The pairs are one corpus, which no
    entry of ``clean.corpora`` and ``clean.mix`` knows; a length band is learnt from it.

    Raises:
        StageError: nothing is left to train on.
    """
    job = Job(params.model_copy(update={"clean": _of_one_corpus(params.clean)}), Workspace(folder))
    clean.clean_shards(job, stored(repeated(base, min(num_pairs, _WARM_PAIRS)), folder / "warm"), lambda *_: None)
    found = stored(repeated(base, num_pairs), folder / "pairs")
    num_workers = clean.num_workers(params.project.threads, num_pairs)
    rules_pairs_per_s = _rules_alone(job, found, num_workers)
    with progress("clean", 1.1 * num_pairs, "pairs") as shown, PeakMemory() as memory:
        watch = _Watch(shown, time.perf_counter())
        figures = clean.clean_shards(job, found, watch)
    passes = [*watch.passes, Pass("writing", time.perf_counter() - watch.since, "")]
    total = sum(one.seconds for one in passes)
    return Speed(num_pairs, figures["kept"], num_workers, passes, total, rules_pairs_per_s, memory.num_bytes)


@dataclass
class _Watch:
    """Takes the time whenever a pass says what it has done, and hands on what it hears."""

    shown: Advance
    since: float
    passes: list[Pass] = field(default_factory=list)

    def __call__(self, amount: float = 1.0, note: str = "", total: float | None = None) -> None:
        if note:
            now = time.perf_counter()
            name, _, said = note.partition(": ")
            self.passes.append(Pass(name, now - self.since, said))
            self.since = now
        self.shown(amount, note, total)


@dataclass(frozen=True)
class _Rules:
    """Normalises a shard, measures it and applies the rules, and writes nothing."""

    params: Clean
    languages: tuple[Language, Language]

    def __call__(self, shard: Shard) -> int:
        losses(shard.read(), self.params, self.languages, num_samples=0)
        return shard.num_rows


def _rules_alone(job: Job, found: Sequence[Shard], num_workers: int) -> float:
    project = job.params.project
    rules = _Rules(job.params.clean, (language(project.source), language(project.target)))
    with workers(job.params.clean.engine, num_workers) as pool:
        list(pool.map(rules, found[: 2 * num_workers]))  # until then the workers start and load what is compiled
        begin = time.perf_counter()
        pairs = sum(pool.map(rules, found[: _SHARDS_PER_WORKER * num_workers]))
        return pairs / (time.perf_counter() - begin)


def _of_one_corpus(params: Clean) -> Clean:
    band = params.length_band and params.length_band.model_copy(update={"trusted": [CORPUS]})
    return params.model_copy(update={"corpora": {}, "mix": Mix(), "length_band": band})

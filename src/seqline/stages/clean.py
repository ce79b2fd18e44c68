"""``clean``: normalises, filters with reasons, removes copies and leaks, holds out dev and test.

``data/clean/``: ``train``, ``dev`` and ``test.parquet`` (``id`` = row number, ``corpus``, ``line``, ``source``,
``target``), ``monolingual.parquet`` where there are such corpora (its targets are empty), and ``dropped.parquet`` with
every other pair as it was found, the rule that dropped it and the value.
``reports/clean.json``: the waterfall, what the pair score expects of itself and, where noise was planted, how much of
it was caught.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seqline import files
from seqline.cleaning.engine import Cleaned, clean
from seqline.cleaning.language import language
from seqline.cleaning.report import Waterfall
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard, monolingual, shards
from seqline.cleaning.workers import one_ahead, workers
from seqline.cleaning.writing import Output
from seqline.errors import StageError
from seqline.progress import Advance, progress
from seqline.stages.job import Job, Report

_PAIRS_PER_WORKER = 100_000
"""Fewer pairs are cleaned before another worker has started."""


def run(job: Job) -> Report:
    """Clean everything below ``data/raw``.

    Raises:
        MissingError: ``download`` has not run.
        ArtifactError: a raw file is damaged.
        StageError: nothing is left to train on, or pairs are unaccounted for.
    """
    found = shards(job.work.raw, files.verify(job.work.raw)["corpora"])
    with progress("clean", 1.1 * sum(shard.num_rows for shard in found), "pairs") as advance:
        figures = clean_shards(job, found, advance)
    files.write_json(job.work.reports / "clean.json", figures)
    return Report(_summary(figures), {name: float(figures[name]) for name in ("read", "kept")})


def clean_shards(job: Job, found: Sequence[Shard], advance: Advance) -> dict[str, Any]:
    """Clean some shards into ``data/clean/`` and return the waterfall; ``advance`` hears each pass in turn.

    Raises:
        StageError: nothing is left to train on, or pairs are unaccounted for.
    """
    job.work.state.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="clean-", dir=job.work.state) as folder:
        return _clean(job, Scratch(Path(folder), tuple(found)), advance)


def num_workers(threads: int, num_pairs: int) -> int:
    """How many workers clean so many pairs: as many as there are threads, unless they start too late to help."""
    return min(threads, 1 + num_pairs // _PAIRS_PER_WORKER)


def _clean(job: Job, scratch: Scratch, advance: Advance) -> dict[str, Any]:
    project = job.params.project
    languages = (language(project.source), language(project.target))
    with workers(job.params.clean.engine, num_workers(project.threads, scratch.num_rows)) as pool:
        cleaned = clean(scratch, job.params.clean, languages, project.seed, pool, advance)
    with files.staged(job.work.clean) as folder:
        return _written(cleaned, folder, advance)


def _written(cleaned: Cleaned, folder: Path, advance: Advance) -> dict[str, Any]:
    waterfall = Waterfall()
    with Output(folder, has_monolingual=bool(monolingual(cleaned.scratch.shards))) as output:
        for shard, kept, dropped in one_ahead(cleaned.parts, cleaned.scratch.shards):
            if len(kept) + len(dropped) != shard.num_rows:
                counts = f"{shard.num_rows} read, {len(kept)} kept, {len(dropped)} dropped"
                raise StageError(
                    f"clean: the pairs do not add up ({counts}); this is a fault of seqline, please report it"
                )
            output.write(kept, dropped)
            waterfall.add(shard, kept, dropped)
            advance(0.1 * shard.num_rows)
    return waterfall.figures() | {"pair_score": {fault: one.figures() for fault, one in cleaned.expected.items()}}


def _summary(figures: dict[str, Any]) -> str:
    text = f"{figures['kept']:,} of {figures['read']:,} pairs kept"
    if figures["pair_score"]:
        text += f"; {_worst(figures['pair_score'])}"
    if "noise" in figures:
        lost = figures["clean_pairs"]["lost_share"]
        text += f"; of planted noise {figures['recall']:.1%} caught, {lost:.2%} of clean pairs lost"
    return text


def _worst(expected: Mapping[str, Mapping[str, Any]]) -> str:
    """The least that the pair score expects of itself."""
    recall = min(one["expected_recall"] for one in expected.values())
    loss = sum(one["expected_loss"] for one in expected.values())
    return f"of misaligned and truncated pairs at least {recall:.0%} expected found, for {loss:.2%} of the good ones"

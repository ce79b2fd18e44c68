"""``clean``: normalises, filters with reasons, removes copies and leaks, holds out dev and test.

``data/clean/``: ``train``, ``dev`` and ``test.parquet`` (``id`` = row number, ``corpus``, ``line``, ``source``,
``target``), and ``dropped.parquet`` with every other pair as it was found, the rule that dropped it and the value.
``reports/clean.json``: the waterfall and, where noise was planted, how much of it was caught.
"""

from pathlib import Path
from typing import Any

import polars as pl

from seqline import files
from seqline.cleaning import report
from seqline.cleaning.engine import Cleaned, clean
from seqline.errors import StageError
from seqline.progress import progress
from seqline.stages.job import Job, Report
from seqline.workspace import Workspace

_SPLITS = ("train", "dev", "test")


def run(job: Job) -> Report:
    """Clean everything below ``data/raw``.

    Raises:
        MissingError: ``download`` has not run.
        ArtifactError: a raw file is damaged.
        StageError: nothing is left to train on, or pairs are unaccounted for.
    """
    raw = _read(job.work)
    languages = (job.params.project.source, job.params.project.target)
    with progress("clean", float(len(raw)), "pairs") as advance:
        cleaned = clean(raw.drop("label"), job.params.clean, languages, job.params.project.seed, advance)
    dropped = raw.join(cleaned.dropped, on="row", maintain_order="left")
    figures = report.waterfall(raw, cleaned.kept, dropped)
    if figures["read"] != figures["kept"] + sum(figures["dropped"].values()):
        raise StageError("clean: kept and dropped pairs do not add up to those read; this is a fault of seqline")
    figures |= report.noise(raw, cleaned.kept, dropped)
    with files.staged(job.work.clean) as folder:
        _write(cleaned, dropped, folder)
    files.write_json(job.work.reports / "clean.json", figures)
    return Report(_summary(figures), {name: float(figures[name]) for name in ("read", "kept")})


def _read(work: Workspace) -> pl.DataFrame:
    """Every raw pair in the order of the params, numbered by ``row``."""
    corpora = files.verify(work.raw)["corpora"]
    frames = [
        pl.read_parquet(work.raw / f"{corpus['name']}.{corpus['split']}.parquet").select(
            pl.lit(corpus["name"]).alias("corpus"), pl.lit(corpus["split"]).alias("split"), pl.all()
        )
        for corpus in corpora
    ]
    return pl.concat(frames).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def _write(cleaned: Cleaned, dropped: pl.DataFrame, folder: Path) -> None:
    for split in _SPLITS:
        part = cleaned.kept.filter(pl.col("split") == split).select("corpus", "line", "source", "target")
        numbered = part.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))
        numbered.write_parquet(folder / f"{split}.parquet", compression="zstd")
    columns = ("corpus", "split", "line", "source", "target", "rule", "value")
    dropped.select(columns).write_parquet(folder / "dropped.parquet", compression="zstd")


def _summary(figures: dict[str, Any]) -> str:
    text = f"{figures['kept']:,} of {figures['read']:,} pairs kept"
    if "noise" in figures:
        lost = figures["clean_pairs"]["lost_share"]
        text += f"; of planted noise {figures['recall']:.1%} caught, {lost:.2%} of clean pairs lost"
    return text

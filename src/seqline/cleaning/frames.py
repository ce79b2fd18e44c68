"""Cleaning of pairs that are in memory already, in a notebook or a test: the same passes, over shards of the frame."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from seqline.cleaning.engine import clean
from seqline.cleaning.language import Language
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard
from seqline.cleaning.workers import Alone, Workers
from seqline.params.cleaning import Clean
from seqline.progress import progress


def clean_frame(
    raw: pl.DataFrame,
    params: Clean,
    languages: tuple[Language, Language],
    *,
    seed: int = 1,
    shard_rows: int = 65_536,
    workers: Workers | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The kept pairs, normalised, and the dropped ones, as they were found, with ``rule`` and ``value``.

    ``raw`` has ``row`` (numbered from 0), ``corpus``, ``split``, ``line``, ``source`` and ``target``.

    Raises:
        StageError: nothing is left to train on.
    """
    with TemporaryDirectory() as folder:
        scratch = Scratch(Path(folder), tuple(_shards(raw, Path(folder), shard_rows)))
        with progress("clean", len(raw), "pairs") as advance:
            cleaned = clean(scratch, params, languages, seed, workers or Alone(), advance)
        kept, dropped = (pl.concat(map(part, scratch.shards)) for part in (cleaned.kept, cleaned.dropped))
        return kept, dropped.drop("label")


def _shards(raw: pl.DataFrame, folder: Path, shard_rows: int) -> Iterator[Shard]:
    """A shard holds pairs of one corpus and one split that stand in a row."""
    number = 0
    stretches = raw.with_columns(stretch=pl.struct("corpus", "split").rle_id())
    for (_, corpus, split), pairs in stretches.group_by("stretch", "corpus", "split", maintain_order=True):
        for part in pairs.iter_slices(shard_rows):
            path = folder / f"raw-{number:06}.parquet"
            part.select("line", "source", "target", label=pl.lit("")).write_parquet(path, row_group_size=shard_rows)
            yield Shard(number, path, 0, str(corpus), str(split), int(part["row"][0]), len(part))
            number += 1

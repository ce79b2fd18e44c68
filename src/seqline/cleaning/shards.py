"""The raw pairs in pieces that fit into memory: one row group of one Parquet file is a shard."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

MONOLINGUAL: Final = "monolingual"


@dataclass(frozen=True)
class Shard:
    """Some raw pairs in a row: where they lie, and the number of the first among all raw pairs."""

    number: int
    path: Path
    group: int
    corpus: str
    split: str
    first_row: int
    num_rows: int

    def labels(self) -> pl.Series:
        """What was planted in each pair; empty where nothing was."""
        with pq.ParquetFile(self.path) as file:
            return pl.Series("label", file.read_row_group(self.group, columns=["label"])["label"])

    def read(self) -> pl.DataFrame:
        """The pairs as they were found: ``row``, ``corpus``, ``split``, ``line``, ``source``, ``target``, ``label``."""
        with pq.ParquetFile(self.path) as file:
            table = file.read_row_group(self.group, columns=["line", "source", "target", "label"])
        rows = pl.int_range(self.first_row, self.first_row + self.num_rows, dtype=pl.Int64, eager=True)
        named = (pl.lit(self.corpus).alias("corpus"), pl.lit(self.split).alias("split"))
        frame = pl.DataFrame(table)
        return frame.select(rows.alias("row"), *named, pl.all())


def training(shards: Sequence[Shard]) -> list[Shard]:
    """The shards of training corpora."""
    return [shard for shard in shards if shard.split == "train"]


def monolingual(shards: Sequence[Shard]) -> list[Shard]:
    """The shards of sentences that have no translation."""
    return [shard for shard in shards if shard.split == MONOLINGUAL]


def shards(folder: Path, corpora: Iterable[Mapping[str, Any]]) -> list[Shard]:
    """The shards of a folder of raw corpora, as its manifest lists them (``name``, ``split``), in order."""
    return list(_numbered(folder, corpora))


def _numbered(folder: Path, corpora: Iterable[Mapping[str, Any]]) -> Iterator[Shard]:
    number = row = 0
    for corpus in corpora:
        name, split = str(corpus["name"]), str(corpus["split"])
        path = folder / f"{name}.{split}.parquet"
        metadata = pq.read_metadata(path)
        for group in range(metadata.num_row_groups):
            num_rows = metadata.row_group(group).num_rows
            yield Shard(number, path, group, name, split, row, num_rows)
            number, row = number + 1, row + num_rows

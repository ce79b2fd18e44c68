"""Where the passes of cleaning leave what the next ones need: a folder of files, each written by one task."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.exchange import gather, scatter
from seqline.cleaning.rule import no_drops
from seqline.cleaning.shards import Shard

_PAIRS_PER_BUCKET = 1_000_000


@dataclass(frozen=True)
class Scratch:
    """The files of one cleaning of some shards, and which rows are still in."""

    folder: Path
    shards: tuple[Shard, ...]

    @property
    def num_rows(self) -> int:
        """Raw pairs in all."""
        return sum(shard.num_rows for shard in self.shards)

    @property
    def num_buckets(self) -> int:
        """Into how many parts the rows are divided where equal ones must meet."""
        return 1 + self.num_rows // _PAIRS_PER_BUCKET

    def pairs(self, shard: Shard) -> Path:
        """The normalised pairs of a shard that passed the rules."""
        return self.folder / f"pairs-{shard.number:06}.parquet"

    def keys(self, name: str) -> list[Path]:
        """Where each shard leaves its keys of one kind, divided into buckets."""
        return [self.folder / f"{name}-{shard.number:06}.parquet" for shard in self.shards]

    def alive(self, shard: Shard) -> pl.DataFrame:
        """The normalised pairs of a shard that nothing has dropped yet."""
        frame = pl.read_parquet(self.pairs(shard))
        return frame.filter(pl.Series(self.is_alive(frame["row"].to_numpy())))

    def alive_rows(self, shard: Shard) -> NDArray[np.int64]:
        """The rows of a shard that nothing has dropped yet."""
        first = shard.first_row
        return first + np.flatnonzero(self.is_alive(np.arange(first, first + shard.num_rows)))

    def is_alive(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether nothing has dropped the rows yet."""
        alive: NDArray[np.bool_] = np.load(self.folder / "alive.npy", mmap_mode="r")[rows]
        return alive

    def start(self) -> None:
        """Every row is in."""
        np.save(self.folder / "alive.npy", np.ones(self.num_rows, dtype=np.bool_))

    def kill(self, rows: Iterable[NDArray[np.int64]]) -> int:
        """Drop rows, and return how many."""
        alive = np.load(self.folder / "alive.npy", mmap_mode="r+")
        before = np.count_nonzero(alive)
        for some in rows:
            alive[some] = False
        alive.flush()
        return int(before - np.count_nonzero(alive))

    def drop(self, name: str, part: int, drops: pl.DataFrame) -> NDArray[np.int64]:
        """Keep a table of ``row``, ``rule`` and ``value`` for the shards that the rows belong to; the rows."""
        first = np.array([shard.first_row for shard in self.shards])
        bucket = np.searchsorted(first, drops["row"].to_numpy(), side="right") - 1
        divided = drops.with_columns(pl.Series("shard", bucket, dtype=pl.Int64))
        scatter(divided, "shard", len(self.shards), self.folder / f"drops-{name}-{part:06}.parquet")
        return drops["row"].to_numpy()

    def drops(self, shard: Shard) -> pl.DataFrame:
        """All drops of a shard, in the order of its rows."""
        paths = sorted(self.folder.glob("drops-*.parquet"))
        return pl.concat([no_drops(), gather(paths, shard.number)]).sort("row")

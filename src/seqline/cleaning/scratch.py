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

    def write_pairs(self, shard: Shard, pairs: pl.DataFrame) -> None:
        """Keep the normalised pairs of a shard that passed the rules."""
        # Four passes read them: what compression would save is not worth a tenth of the whole work.
        pairs.write_ipc(self._pairs(shard), compression="uncompressed")

    def keys(self, name: str) -> list[Path]:
        """Where each shard leaves its keys of one kind, divided into buckets."""
        return [self.folder / f"{name}-{shard.number:06}.arrow" for shard in self.shards]

    def alive(self, shard: Shard) -> pl.DataFrame:
        """The normalised pairs of a shard that nothing has dropped yet."""
        frame = pl.read_ipc(self._pairs(shard))
        return frame.filter(pl.Series(self.is_alive(frame["row"].to_numpy())))

    def alive_rows(self, shard: Shard) -> NDArray[np.int64]:
        """The rows of a shard that nothing has dropped yet."""
        first = shard.first_row
        return first + np.flatnonzero(self._alive[first : first + shard.num_rows])

    def is_alive(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether nothing has dropped the rows yet."""
        return self._alive[rows]

    def corpora(self, rows: NDArray[np.int64]) -> pl.Series:
        """The corpus of each row."""
        names = pl.Enum(list(dict.fromkeys(shard.corpus for shard in self.shards)))
        return pl.Series([shard.corpus for shard in self.shards], dtype=names).gather(self.shards_of(rows))

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

    def keep_doubt(self, shard: Shard, rows: NDArray[np.int64], doubt: NDArray[np.float64]) -> None:
        """Keep how doubtful some rows of a shard are; the others are not."""
        whole = np.zeros(shard.num_rows, np.float32)
        whole[rows - shard.first_row] = doubt
        np.save(self._doubt(shard), whole)

    def doubt(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """How doubtful each row is; nothing where no score has judged it."""
        found, of = np.zeros(len(rows), np.float32), self.shards_of(rows)
        for number in np.unique(of):
            shard, own = self.shards[number], of == number
            if self._doubt(shard).exists():
                found[own] = np.load(self._doubt(shard), mmap_mode="r")[rows[own] - shard.first_row]
        return found

    def drop(self, name: str, part: int, drops: pl.DataFrame) -> NDArray[np.int64]:
        """Keep the drops (``row``, ``rule`` and ``value``) of one shard, by its number; the rows."""
        drops.write_ipc(self.folder / f"drops-of-{part:06}-{name}.arrow")
        return drops["row"].to_numpy()

    def drop_across(self, name: str, part: int, drops: pl.DataFrame) -> NDArray[np.int64]:
        """Keep drops of any shards; the rows."""
        self.write_across(f"drops-across-{name}", part, drops)
        return drops["row"].to_numpy()

    def drops(self, shard: Shard) -> pl.DataFrame:
        """All drops of a shard, in the order of its rows."""
        own = map(pl.read_ipc, self.folder.glob(f"drops-of-{shard.number:06}-*.arrow"))
        return pl.concat([no_drops(), *own, self.read_across("drops-across", shard)]).sort("row")

    def write_across(self, name: str, part: int, frame: pl.DataFrame) -> None:
        """Keep a table about rows (its column ``row``) of any shards, under a name and a number."""
        shards = pl.Series(self.shards_of(frame["row"].to_numpy()))
        scatter(frame, shards, len(self.shards), self.folder / f"{name}-{part:06}.arrow")

    def read_across(self, name: str, shard: Shard) -> pl.DataFrame:
        """What all tables whose names begin so say about the rows of a shard."""
        return gather(sorted(self.folder.glob(f"{name}-*.arrow")), shard.number)

    def shards_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of each row's shard."""
        return np.searchsorted([shard.first_row for shard in self.shards], rows, side="right") - 1

    @property
    def _alive(self) -> NDArray[np.bool_]:
        alive: NDArray[np.bool_] = np.load(self.folder / "alive.npy", mmap_mode="r")
        return alive

    def _doubt(self, shard: Shard) -> Path:
        return self.folder / f"doubt-{shard.number:06}.npy"

    def _pairs(self, shard: Shard) -> Path:
        return self.folder / f"pairs-{shard.number:06}.arrow"

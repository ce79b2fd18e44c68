"""Near copies beyond equal keys: pairs that say nearly what an earlier pair says, as lines out of one template do.

Three steps. Each shard leaves its n-grams and the hashes of its bands (:mod:`seqline.cleaning.minhash`). Where bands
agree, bucket by bucket, the n-grams themselves are compared with those of the first pairs that are not alike. What is
found there is settled shard by shard: a pair goes if one that it is similar to stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from seqline.cleaning.exchange import gather, scatter
from seqline.cleaning.language import Language
from seqline.cleaning.links import falling, linked
from seqline.cleaning.minhash import BANDS, Grams, bands, grams
from seqline.cleaning.occurrences import occurrences
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard
from seqline.cleaning.tokens import Flags
from seqline.cleaning.utf8 import Places

Rows = NDArray[np.int64]
_SIDES: Final = ("source", "target")
_MIN_GRAMS: Final = 5
"""On either side. In a shorter text one word is the meaning."""

_LINKS: Final = pl.Schema({"row": pl.Int64, "other": pl.Int64, "line": pl.Int64, "share": pl.Float64})


def write_bands(shard: Shard, pairs: pl.DataFrame, languages: tuple[Language, Language], scratch: Scratch) -> None:
    """Leave the n-grams and bands of the pairs of a shard where :class:`Similar` looks for them."""
    source, target = (grams(pairs[side], dense=known.is_dense) for side, known in zip(_SIDES, languages, strict=True))
    columns = [pairs["row"].to_arrow(), pairs["line"].to_arrow()]
    columns += [pa.LargeListArray.from_arrays(places, values) for values, places in (source, target)]
    batch = pa.record_batch(columns, names=["row", "line", *_SIDES])
    with pa.ipc.new_file(scratch.keys("grams")[shard.number], batch.schema) as writer:
        writer.write_batch(batch)
    judged = np.minimum(np.diff(source[1]), np.diff(target[1])) >= _MIN_GRAMS
    _scatter(shard, pairs["row"].to_numpy()[judged], bands(source, target)[:, judged], scratch)


def num_buckets(scratch: Scratch) -> int:
    """Into how many parts the bands of all pairs are divided."""
    return BANDS * scratch.num_buckets


@dataclass(frozen=True)
class Similar:
    """Finds pairs whose sides both share at least ``least`` of their n-grams with those of an earlier pair."""

    least: float
    scratch: Scratch

    def __call__(self, bucket: int) -> Rows:
        """Write what is similar in a bucket for :class:`Settled`; nothing is dropped yet."""
        keys = gather(self.scratch.keys("bands"), bucket)
        keys = keys.filter(pl.Series(self.scratch.is_alive(keys["row"].to_numpy())))
        keys = keys.filter(keys["hash"].is_duplicated())
        pairs = _grams_of(self.scratch, keys["row"].to_numpy())
        firsts, _ = occurrences(keys["hash"].to_numpy())
        others, shares = linked(firsts, *_flat(pairs["source"]), *_flat(pairs["target"]), self.least)
        places = np.flatnonzero(others >= 0)
        rows, lines = (pairs[name].to_numpy() for name in ("row", "line"))
        found = (rows[places], rows[others[places]], lines[others[places]], shares[places])
        self.scratch.write_across("links", bucket, pl.DataFrame(found, schema=_LINKS))
        return np.empty(0, np.int64)


@dataclass(frozen=True)
class Settled:
    """Drops the pairs that are similar to one that stays: the first ones stay, so the order is that of the rows."""

    scratch: Scratch

    def __call__(self, shards: Sequence[Shard]) -> Rows:
        """Write the drops of all shards; return the dropped rows."""
        alive = self.scratch.is_alive(np.arange(self.scratch.num_rows))
        return np.concatenate([self._settle(shard, alive) for shard in shards])

    def _settle(self, shard: Shard, alive: Flags) -> Rows:
        links = self.scratch.read_across("links", shard).sort("row", "other")
        found = links.filter(pl.Series(falling(links["row"].to_numpy(), links["other"].to_numpy(), alive)))
        found = found.with_columns(self.scratch.corpora(found["other"].to_numpy()).alias("corpus"))
        value = pl.format("{} of {}:{}", pl.col("share").round(3), "corpus", "line")
        return self.scratch.drop("similar", shard.number, found.select("row", rule=pl.lit("similar"), value=value))


def _scatter(shard: Shard, rows: Rows, hashes: NDArray[np.uint64], scratch: Scratch) -> None:
    """A pair stands in one bucket of each band."""
    bucket = np.arange(BANDS)[:, None] * scratch.num_buckets + (hashes % scratch.num_buckets).astype(np.int64)
    frame = pl.DataFrame({"row": np.tile(rows, BANDS), "hash": hashes.ravel()})
    scatter(frame, pl.Series(bucket.ravel()), num_buckets(scratch), scratch.keys("bands")[shard.number])


def _grams_of(scratch: Scratch, rows: Rows) -> pa.Table:
    """What :func:`write_bands` left of some rows, which ascend."""
    owners = scratch.shards_of(rows)
    # That of the first shard is there for the columns, where there are no rows.
    numbers = np.unique(np.append(owners, 0))
    return pa.Table.from_batches([_taken(scratch.keys("grams")[number], rows[owners == number]) for number in numbers])


def _taken(path: Path, rows: Rows) -> pa.RecordBatch:
    with pa.memory_map(str(path)) as file:
        batch = pa.ipc.open_file(file).get_batch(0)
        return batch.take(pa.array(np.searchsorted(batch["row"].to_numpy(), rows)))


def _flat(lists: pa.ChunkedArray) -> tuple[Grams, Places]:
    """The numbers in some lists, and where each list begins."""
    array = lists.combine_chunks()
    return array.flatten().to_numpy(), array.offsets.to_numpy() - array.offsets[0].as_py()

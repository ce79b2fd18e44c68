"""Holding out dev and test pairs where no corpus brings its own.

Pairs are drawn by a hash of the normalised source, so near copies fall on one side, the draw does not depend on the
order of the lines, and a corpus that grows keeps most of its held-out pairs.
"""

import hashlib
from collections.abc import Iterable, Mapping

import polars as pl

from seqline.cleaning import text

_GROUPS = {"key": pl.String, "draw": pl.String, "size": pl.UInt32}


def candidates(train: pl.DataFrame, num: int, seed: int) -> pl.DataFrame:
    """The ``num`` groups of equal sources that are drawn first: ``key``, ``draw`` and ``size``, in pairs."""
    groups = train.select(key=text.key(pl.col("source"))).group_by("key").len("size")
    drawn = pl.Series("draw", [_draw(seed, key) for key in groups["key"].to_list()], dtype=pl.String)
    return groups.with_columns(drawn).select(*_GROUPS).sort("draw").head(num)


def chosen(parts: Iterable[pl.DataFrame], sizes: Mapping[str, int], num_pairs: int) -> pl.DataFrame:
    """Which ``key`` goes to which ``split``, out of the candidates of every part of the pairs.

    Whole groups are taken until a split has at least its size. Of few pairs all splits shrink, so that half of them
    stay for training.
    """
    groups = pl.concat([pl.DataFrame(schema=_GROUPS), *parts]).group_by("key", "draw").agg(pl.col("size").sum())
    ordered = groups.sort("draw")
    taken = pl.col("size").cum_sum() - pl.col("size")
    scale = min(1.0, (num_pairs // 2) / max(sum(sizes.values()), 1))
    start, split = 0, pl.lit(None, dtype=pl.String)
    for name, size in sizes.items():
        stop = start + int(size * scale)
        split = pl.when((taken >= start) & (taken < stop)).then(pl.lit(name)).otherwise(split)
        start = stop
    return ordered.select("key", split=split).drop_nulls()


def held_out(train: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose ``key`` was chosen, with their ``split`` in place of ``train``."""
    keyed = train.drop("split").with_columns(key=text.key(pl.col("source")))
    return keyed.join(keys, on="key", maintain_order="left").select(train.columns)


def _draw(seed: int, key: str) -> str:
    return hashlib.blake2b(f"{seed}\n{key}".encode(), digest_size=8).hexdigest()

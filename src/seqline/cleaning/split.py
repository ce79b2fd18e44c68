"""Holding out dev and test pairs where no corpus brings its own.

Pairs are drawn by a hash of the normalised source, so near copies fall on one side, the draw does not depend on the
order of the lines, and a corpus that grows keeps most of its held-out pairs.
"""

from collections.abc import Mapping
from hashlib import blake2b

import polars as pl

from seqline.cleaning import text


def drawn(sources: pl.Series, seed: int) -> pl.Series:
    """The lot of each source: equal for near copies, as sources that differ have different ones (64 bits)."""
    keys = sources.to_frame("source").select(text.key(pl.col("source"))).to_series()
    return pl.Series("draw", [_draw(seed, key) for key in keys.to_list()], dtype=pl.UInt64)


def first_drawn(draws: pl.Series, num: int) -> pl.Series:
    """Whether a pair is in one of the ``num`` groups of equal sources that are drawn first."""
    lowest = draws.unique().bottom_k(num)
    return draws <= lowest.max() if len(lowest) else draws.is_null()


def chosen(pairs: pl.DataFrame, sizes: Mapping[str, int], num_pairs: int) -> pl.DataFrame:
    """Pairs with their ``split`` in place of ``train``, out of those that were drawn first from ``num_pairs``.

    Whole groups are taken until a split has at least its size. Of few pairs all splits shrink, so that half of them
    stay for training.
    """
    groups = pairs.group_by("draw").len("size").sort("draw")
    taken = pl.col("size").cum_sum() - pl.col("size")
    scale = min(1.0, (num_pairs // 2) / max(sum(sizes.values()), 1))
    start, split = 0, pl.lit(None, dtype=pl.String)
    for name, size in sizes.items():
        stop = start + int(size * scale)
        split = pl.when((taken >= start) & (taken < stop)).then(pl.lit(name)).otherwise(split)
        start = stop
    named = groups.select("draw", split=split).drop_nulls()
    return pairs.drop("split").join(named, on="draw", maintain_order="left").select(pairs.columns).drop("draw")


def _draw(seed: int, key: str) -> int:
    return int.from_bytes(blake2b(f"{seed}\n{key}".encode(), digest_size=8).digest())

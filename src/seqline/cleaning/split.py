"""Holding out dev and test pairs where no corpus brings its own."""

import hashlib

import polars as pl

from seqline.cleaning import text


def hold_out(train: pl.DataFrame, sizes: dict[str, int], seed: int) -> pl.DataFrame:
    """Which training pairs go to which split: ``row`` and ``split``.

    Pairs are drawn by a hash of the normalised source, so near copies fall on one side, the draw does not depend on the
    order of the lines, and a corpus that grows keeps most of its held-out pairs. Whole groups of equal sources are
    taken until a split has at least its size. In a small corpus all splits shrink, so that half of the pairs stay.
    """
    keys = train.select("row", key=text.key(pl.col("source")))
    groups = keys.group_by("key").len("size")
    drawn = pl.Series("draw", [_draw(seed, key) for key in groups["key"].to_list()], dtype=pl.String)
    ordered = groups.with_columns(drawn).sort("draw")
    taken = pl.col("size").cum_sum() - pl.col("size")
    limit = len(train) // 2
    scale = min(1.0, limit / max(sum(sizes.values()), 1))
    start, split = 0, pl.lit(None, dtype=pl.String)
    for name, size in sizes.items():
        stop = start + int(size * scale)
        split = pl.when((taken >= start) & (taken < stop)).then(pl.lit(name)).otherwise(split)
        start = stop
    chosen = ordered.select("key", split=split).drop_nulls()
    return keys.join(chosen, on="key").select("row", "split").sort("row")


def _draw(seed: int, key: str) -> str:
    return hashlib.blake2b(f"{seed}\n{key}".encode(), digest_size=8).hexdigest()

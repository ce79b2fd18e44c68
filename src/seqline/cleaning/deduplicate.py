"""Copies within the training pairs: the first one stays.

Every function takes a frame with ``row``, ``corpus``, ``line``, ``source`` and ``target`` and returns the drops
(``row``, ``rule``, ``value``); the value names the pair that stays, as ``corpus:line``.
"""

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.rule import no_drops

_ORIGIN = pl.format("{}:{}", "corpus", "line")


def exact_copies(frame: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which both sides stood before, character by character."""
    return _later_ones(frame, [pl.col("source"), pl.col("target")], "exact_duplicate")


def near_copies(frame: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which both sides stood before, but for case, punctuation, spaces and compatibility forms."""
    return _later_ones(frame, [text.key(pl.col("source")), text.key(pl.col("target"))], "near_duplicate")


def crowded(frame: pl.DataFrame, side: str, limit: int, rule: str) -> pl.DataFrame:
    """Pairs whose ``side`` already stands in ``limit`` earlier pairs: one phrase with dozens of translations."""
    if limit == 0:
        return no_drops()
    rank = pl.int_range(pl.len()).over("key") + 1
    ranked = frame.select("row", key=text.key(pl.col(side))).with_columns(rank=rank)
    return ranked.filter(pl.col("rank") > limit).select("row", rule=pl.lit(rule), value=pl.col("rank").cast(pl.String))


def _later_ones(frame: pl.DataFrame, keys: list[pl.Expr], rule: str) -> pl.DataFrame:
    keyed = frame.select("row", origin=_ORIGIN, key=pl.struct(k.alias(str(n)) for n, k in enumerate(keys)))
    first = keyed.with_columns(first=pl.col("row").first().over("key"), value=pl.col("origin").first().over("key"))
    return (
        first.filter(pl.col("row") != pl.col("first"))
        .select("row", "value", rule=pl.lit(rule))
        .select("row", "rule", "value")
    )

"""Copies within the training pairs: the first one stays.

Texts are compared by 64-bit hashes: among ten million pairs the chance that any two different ones are taken for equal
is 1 in 400,000. Every other function takes what :func:`keyed` returns, in the order of the rows, and returns the drops
(``row``, ``rule``, ``value``); the value names the pair that stays, as ``corpus:line``.
"""

import polars as pl

from seqline.cleaning import text
from seqline.cleaning.rule import no_drops

_SOURCE, _TARGET = pl.col("source"), pl.col("target")


def keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """What tells copies: ``row``, ``corpus``, ``line``, and the hashes ``exact``, ``near``, ``source`` and ``target``.

    ``near`` and those of one side leave out case, punctuation, spaces and compatibility forms.
    """
    keys = frame.select("row", "corpus", "line", text.key(_SOURCE), text.key(_TARGET))
    exact = frame.select(exact=pl.struct(_SOURCE, _TARGET).hash()).to_series()
    return keys.select(
        "row", "corpus", "line", exact, _SOURCE.hash(), _TARGET.hash(), near=pl.struct(_SOURCE, _TARGET).hash()
    )


def exact_copies(keys: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which both sides stood before, character by character."""
    return _later_ones(keys, "exact", "exact_duplicate")


def near_copies(keys: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which both sides stood before, but for case, punctuation, spaces and compatibility forms."""
    return _later_ones(keys, "near", "near_duplicate")


def crowded(keys: pl.DataFrame, side: str, limit: int) -> pl.DataFrame:
    """Pairs whose ``side`` already stands in ``limit`` earlier pairs: one phrase with dozens of translations."""
    if limit == 0:
        return no_drops()
    ranked = keys.select("row", rank=pl.int_range(pl.len()).over(side) + 1).filter(pl.col("rank") > limit)
    return ranked.select("row", rule=pl.lit(f"crowded_{side}"), value=pl.col("rank").cast(pl.String))


def _later_ones(keys: pl.DataFrame, key: str, rule: str) -> pl.DataFrame:
    later = keys.filter(~pl.col(key).is_first_distinct()).select("row", key)
    if later.is_empty():
        return no_drops()
    first = keys.filter(pl.col(key).is_first_distinct()).select(key, value=pl.format("{}:{}", "corpus", "line"))
    found = later.join(first, on=key, how="left", maintain_order="left")
    return found.select("row", "value", rule=pl.lit(rule)).select("row", "rule", "value")

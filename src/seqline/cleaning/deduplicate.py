"""Copies within the training pairs: the first one stays.

Texts are compared by 64-bit hashes: among ten million pairs the chance that any two different ones are taken for equal
is 1 in 400,000. Every other function takes what :func:`keyed` returns with the ``corpus`` of each pair, in the order of
the rows, and returns the drops (``row``, ``rule``, ``value``); the value names the pair that stays, as ``corpus:line``.
"""

from typing import Final

import numpy as np
import polars as pl

from seqline.cleaning.keys import hashed, together
from seqline.cleaning.occurrences import occurrences
from seqline.cleaning.rule import no_drops

KEYS: Final = ("exact", "near", "source", "target")


def keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """What tells copies: ``row``, ``line``, and the hashes ``exact``, ``near``, ``source`` and ``target``.

    ``near`` and those of one side leave out case, punctuation, spaces and compatibility forms.
    """
    (exact, source), (exact_target, target) = hashed(frame["source"]), hashed(frame["target"])
    hashes = (together(exact, exact_target), together(source, target), source, target)
    return frame.select("row", "line", *map(pl.Series, KEYS, hashes))


def exact_copies(keys: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which both sides stood before, character by character."""
    return _later_ones(keys, "exact", "exact_duplicate")


def near_copies(keys: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which both sides stood before, but for case, punctuation, spaces and compatibility forms."""
    return _later_ones(keys, "near", "near_duplicate")


def crowded(keys: pl.DataFrame, side: str, limit: int) -> pl.DataFrame:
    """Pairs whose ``side`` already stands in ``limit`` earlier pairs: one phrase with dozens of translations."""
    _, before = occurrences(keys[side].to_numpy())
    ranked = keys.select("row", rank=pl.Series(before) + 1).filter(pl.col("rank") > limit)
    return ranked.select("row", rule=pl.lit(f"crowded_{side}"), value=pl.col("rank").cast(pl.String))


def _later_ones(keys: pl.DataFrame, key: str, rule: str) -> pl.DataFrame:
    firsts, before = occurrences(keys[key].to_numpy())
    later = np.flatnonzero(before)
    if not len(later):
        return no_drops()
    names = keys[firsts[later]].select(value=pl.format("{}:{}", "corpus", "line"))
    return keys[later].select("row", names.to_series(), rule=pl.lit(rule)).select("row", "rule", "value")

"""Copies within the training pairs: the first one stays; of crowds on one side, the best ones.

Texts are compared by 64-bit hashes: among ten million pairs the chance that any two different ones are taken for equal
is 1 in 400,000. Every other function takes what :func:`keyed` returns with the ``corpus`` of each pair, in the order of
the rows, and returns the drops (``row``, ``rule``, ``value``); the value names the pair that stays, as ``corpus:line``.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.keys import hashed, together
from seqline.cleaning.occurrences import occurrences
from seqline.cleaning.rule import no_drops
from seqline.cleaning.utf8 import Places

Doubts = NDArray[np.float32]
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


def crowded(keys: pl.DataFrame, side: str, limit: int, doubt: Callable[[Places], Doubts]) -> pl.DataFrame:
    """Pairs whose ``side`` stands in ``limit`` better pairs: one phrase with dozens of translations.

    Better are the less doubtful ones and, of equal doubt, the earlier ones. The value is the rank: ``5 of 7``.
    """
    firsts, before = occurrences(keys[side].to_numpy())
    crowds = np.isin(firsts, firsts[before >= limit])
    found = keys.filter(pl.Series(crowds)).select("row", side)
    found = found.with_columns(doubt=pl.Series(doubt(found["row"].to_numpy())))
    ranks = found.select("row", rank=pl.col("doubt").rank("ordinal").over(side), num=pl.len().over(side))
    value = pl.format("{} of {}", "rank", "num")
    return ranks.filter(pl.col("rank") > limit).select("row", rule=pl.lit(f"crowded_{side}"), value=value)


def _later_ones(keys: pl.DataFrame, key: str, rule: str) -> pl.DataFrame:
    firsts, before = occurrences(keys[key].to_numpy())
    later = np.flatnonzero(before)
    if not len(later):
        return no_drops()
    names = keys[firsts[later]].select(value=pl.format("{}:{}", "corpus", "line"))
    return keys[later].select("row", names.to_series(), rule=pl.lit(rule)).select("row", "rule", "value")

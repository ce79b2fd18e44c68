"""Faults planted on purpose, so that a classifier can learn what they look like in this very corpus."""

from typing import Final, Literal

import numpy as np
import polars as pl

from seqline.cleaning import text
from seqline.cleaning.language import Language

Fault = Literal["misaligned", "truncated_source", "truncated_target"]
FAULTS: tuple[Fault, ...] = ("misaligned", "truncated_source", "truncated_target")
_ALIKE: Final = 0.5
_MIN_CUT_BYTES: Final = 12
"""Of a shorter text a part may well be all that is meant."""


def plant(
    pairs: pl.DataFrame, fault: Fault, languages: tuple[Language, Language], num: int, draw: np.random.Generator
) -> pl.DataFrame:
    """At most ``num`` of the pairs (``row``, ``source``, ``target``) with one fault each.

    Misaligned: the target is the next pair's, which is often about the same matter. Truncated: one side keeps its first
    30–75 %, by characters or by whole words. Left out is what would be no fault: pairs much like the next one, and
    very short texts.
    """
    chosen = np.sort(draw.choice(len(pairs), min(num, len(pairs)), replace=False))
    some = pairs[chosen].select("row", "source", "target")
    if fault == "misaligned":
        return _misaligned(some, pairs[(chosen + 1) % len(pairs)])
    side, known = ("source", languages[0]) if fault == "truncated_source" else ("target", languages[1])
    return _truncated(some, side, known, draw)


def _misaligned(some: pl.DataFrame, following: pl.DataFrame) -> pl.DataFrame:
    both = some.with_columns(next_source=following["source"], next_target=following["target"])
    unlike = both.filter(~_alike("source", "next_source"), ~_alike("target", "next_target"))
    return unlike.select("row", "source", target="next_target")


def _alike(side: str, other: str) -> pl.Expr:
    """Whether more than half of the words of two columns are common to both."""
    words, others = text.tokens(pl.col(side)), text.tokens(pl.col(other))
    return words.list.set_intersection(others).list.len() > _ALIKE * words.list.set_union(others).list.len()


def _truncated(some: pl.DataFrame, side: str, known: Language, draw: np.random.Generator) -> pl.DataFrame:
    long = some.filter(pl.col(side).str.len_bytes() >= _MIN_CUT_BYTES)
    shares = draw.uniform(0.3, 0.75, len(long))
    by_words = (draw.random(len(long)) < 0.5) & (not known.is_dense)
    cut = [
        _cut(whole, share, " " if words else "")
        for whole, share, words in zip(long[side].to_list(), shares, by_words, strict=True)
    ]
    return long.with_columns(pl.Series(side, cut, dtype=pl.String))


def _cut(whole: str, share: float, separator: str) -> str:
    parts = whole.split(separator) if separator else list(whole)
    return separator.join(parts[: max(1, round(share * len(parts)))]).rstrip()

"""No sentence of dev or test may stay in the training data, neither side, neither verbatim nor nearly.

Sources: mozilla/translations#911; n-gram overlap as in Brown et al. 2020 (GPT-3), appendix C.
"""

import numpy as np
import polars as pl

from seqline.cleaning.keys import hashed
from seqline.cleaning.language import Language
from seqline.cleaning.ngrams import Index
from seqline.cleaning.occurrences import occurrences
from seqline.cleaning.utf8 import Places


def leaks(train: pl.DataFrame, held_out: pl.DataFrame) -> pl.DataFrame:
    """Training pairs one of whose sides is, by its key, a side of a held-out pair.

    ``held_out`` has ``split``, ``corpus``, ``line``, ``source`` and ``target``; the value names the pair that leaked.
    """
    found = [_leaks(train, held_out, side) for side in ("source", "target")]
    return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def overlaps(
    train: pl.DataFrame, held_out: pl.DataFrame, languages: tuple[Language, Language], *, ngram: int, bound: float
) -> pl.DataFrame:
    """Training pairs that hold more than ``bound`` of the n-grams of one held-out sentence.

    An n-gram is ``ngram`` words, or twice as many characters in a script without spaces. Sentences with fewer than two
    n-grams are left to :func:`leaks`.
    """
    found = [
        _overlaps(train, held_out, side, 2 * ngram if known.is_dense else ngram, bound)
        for side, known in zip(("source", "target"), languages, strict=True)
    ]
    return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def _leaks(train: pl.DataFrame, held_out: pl.DataFrame, side: str) -> pl.DataFrame:
    (_, others), (_, keys) = hashed(held_out[side]), hashed(train[side])
    firsts, _ = occurrences(np.concatenate([others, keys]))
    known = firsts[len(others) :]
    rows = np.flatnonzero(known < len(others))
    return _drops(train, rows, "leak", _named(held_out, side, known[rows]))


def _overlaps(train: pl.DataFrame, held_out: pl.DataFrame, side: str, ngram: int, bound: float) -> pl.DataFrame:
    nearest, shares = Index.of(held_out[side], ngram).nearest(train[side])
    rows = np.flatnonzero(shares > bound)
    names = _named(held_out, side, nearest[rows])
    value = pl.select(pl.format("{} of {}", pl.Series(shares[rows]).round(3), names)).to_series()
    return _drops(train, rows, "ngram_overlap", value)


def _drops(train: pl.DataFrame, places: Places, rule: str, value: pl.Series) -> pl.DataFrame:
    return train[places].select("row", pl.lit(rule).alias("rule"), value.alias("value"))


def _named(held_out: pl.DataFrame, side: str, places: Places) -> pl.Series:
    named = pl.format("{} {}:{} ({})", "split", "corpus", "line", pl.lit(side))
    return held_out[places].select(named.alias("value")).to_series()

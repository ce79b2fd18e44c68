"""What a key makes of a text: compatibility forms unified, lower case, no punctuation, no spaces.

:func:`folded` says so in the slow and plain way. For single characters it fills a table, by which compiled loops fold
the texts whose characters do not depend on each other: nearly all.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.kinds import NUM_CODE_POINTS, listed
from seqline.cleaning.sparse import apply_where

Folds = NDArray[np.uint32]

_UNSAID: Final = r"[\p{P}\p{Z}\p{C}]+"
_PERHAPS_COMPATIBLE: Final = (
    r"[^\x00-\x9F\u00C0-\u00FF\u0370-\u0373\u0400-\u04FF\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF]"
)
"""Beyond the letters that are their own compatibility form; the list need not be complete."""

_MAY_JOIN: Final = r"^[\p{M}\x{1160}-\x{11FF}\x{D7B0}-\x{D7FF}\x{16D63}-\x{16D6A}]"
"""How the decomposed form of a character begins that may join the one before: marks, and vowels and final consonants
of Hangul and Kirat Rai."""

_LOOKS_AROUND: Final = "Σ"
"""Becomes ς at the end of a word and σ elsewhere."""

_MOST: Final = 15
"""Characters that one becomes at most: ﷺ stands for a sentence."""

UNSURE: Final = 1 << 31
"""In the table: the character depends on its neighbours."""

SEVERAL: Final = 1 << 30
"""In the table: the character becomes several ones; the lower bits are the number of its row among them."""


def folded(texts: pl.Expr) -> pl.Expr:
    """``Hello,  World!`` becomes ``helloworld``; a text of punctuation only becomes empty."""
    return apply_where(texts.str.replace_all(_UNSAID, ""), _PERHAPS_COMPATIBLE, _unified).str.to_lowercase()


def spelt(texts: pl.Expr) -> pl.Expr:
    """The key, spelt out; a text that folds to nothing is its own."""
    bare = folded(texts)
    return pl.when(bare == "").then(texts).otherwise(bare)


def _unified(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKC").str.replace_all(_UNSAID, "")


@cache
def folds() -> tuple[Folds, Folds]:
    """For every code point what stands in its place, 0 where nothing does; and those that become several, with zeros
    at the end of each row."""
    points, characters = listed()
    forms = pl.DataFrame({"text": characters}).select(
        folded=folded(pl.col("text")),
        unsure=pl.col("text").str.normalize("NFKD").str.contains(_MAY_JOIN)
        | pl.col("text").str.normalize("NFKC").str.contains(_LOOKS_AROUND),
    )
    table, several = np.zeros(NUM_CODE_POINTS, np.uint32), [[0] * _MOST]
    sizes = forms["folded"].str.len_chars().to_numpy()
    table[points[sizes == 1]] = _code_points(forms["folded"].filter(pl.Series(sizes == 1)))
    for row in np.flatnonzero(sizes > 1):
        table[points[row]] = SEVERAL + len(several)
        form = [ord(one) for one in forms["folded"][int(row)]]
        several.append(form + [0] * (_MOST - len(form)))
    table[points] |= np.where(forms["unsure"].to_numpy(), UNSURE, 0).astype(np.uint32)
    return table, np.array(several, np.uint32)


def _code_points(characters: pl.Series) -> Folds:
    return np.frombuffer(str(characters.str.join("").item()).encode("utf-32-le"), np.uint32)

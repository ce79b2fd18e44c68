"""What copies share, as 64-bit hashes: of a text as it is, and of its key (:func:`seqline.cleaning.text.key`).

One walk over the characters gives both. The hashes are defined here, so they mean the same in every process and with
every version of a library.
"""

from typing import Final

import numpy as np
import polars as pl

from seqline.cleaning.compiled import compiled
from seqline.cleaning.folding import SEVERAL, UNSURE, Folds, folds
from seqline.cleaning.text import key
from seqline.cleaning.tokens import Flags, Hashes, mixed
from seqline.cleaning.utf8 import Bytes, Places, Texts, character

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)


def hashed(texts: pl.Series) -> tuple[Hashes, Hashes]:
    """Two hashes of every text, equal for equal texts and for equal keys."""
    some = Texts.of(texts)
    exact, near, unsure = _hashed(some.data, some.starts, *folds())
    rows = np.flatnonzero(unsure)
    if len(rows):
        near[rows] = _of_keys(texts.gather(rows))
    return exact, near


@compiled
def together(source: Hashes, target: Hashes) -> Hashes:
    """One hash for the two sides of each pair."""
    return mixed(mixed(source) + target * _MULTIPLIER)


def _of_keys(texts: pl.Series) -> Hashes:
    """The slow way. A key is its own key, so the same loop hashes it."""
    keys = Texts.of(texts.to_frame("text").select(key(pl.col("text"))).to_series())
    return _hashed(keys.data, keys.starts, *folds())[1]


@compiled
def _hashed(data: Bytes, starts: Places, table: Folds, several: Folds) -> tuple[Hashes, Hashes, Flags]:
    """The two hashes, and whether the table cannot tell the key."""
    num = len(starts) - 1
    exact, near, unsure = np.empty(num, np.uint64), np.empty(num, np.uint64), np.zeros(num, np.bool_)
    for row in range(num):
        place, whole, folded = starts[row], _MULTIPLIER, _MULTIPLIER
        is_bare = True
        while place < starts[row + 1]:
            code, place = character(data, place)
            whole = _next(whole, code)
            fold = table[code]
            if fold == 0:
                continue
            is_bare = False
            if fold < SEVERAL:
                folded = _next(folded, fold)
            elif fold >= UNSURE:
                unsure[row] = True
                folded = _next(folded, code)
            else:
                for one in several[fold - SEVERAL]:
                    folded = _next(folded, one) if one else folded
        exact[row] = mixed(whole)
        near[row] = mixed(whole if is_bare else folded)
    return exact, near, unsure


@compiled
def _next(state: np.uint64, code: int) -> np.uint64:
    """The hash of a text that is one character longer. No two states, and no two characters, give the same."""
    state = (state ^ np.uint64(code)) * _MULTIPLIER
    return state ^ (state >> np.uint64(29))

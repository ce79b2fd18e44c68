"""What copies share: keys of texts, and 64-bit hashes of the texts as they are and of their keys.

One walk over the characters gives both hashes. They are defined here, so they mean the same in every process and with
every version of a library.
"""

from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from seqline.cleaning.folding import SEVERAL, UNSURE, Folds, folds, spelt
from seqline.cleaning.tokens import Flags, Hashes, mixed
from seqline.cleaning.utf8 import Bytes, Places, Texts, character, write
from seqline.compiled import compiled

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)


def hashed(texts: pl.Series) -> tuple[Hashes, Hashes]:
    """Two hashes of every text, equal for equal texts and for equal keys."""
    some = Texts.of(texts)
    exact, near, unsure = _hashed(some.data, some.starts, *folds())
    rows = np.flatnonzero(unsure)
    if len(rows):
        # A character of a key folds to itself, so the same loop hashes what was folded in the slow way.
        slow = Texts.of(_slowly(texts.gather(rows)))
        near[rows] = _hashed(slow.data, slow.starts, *folds())[1]
    return exact, near


def keys(texts: pl.Series) -> pl.Series:
    """The key of every text, as :func:`seqline.cleaning.folding.spelt` has it."""
    some = Texts.of(texts)
    data, starts, unsure = _folded(some.data, some.starts, folds()[0])
    array = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(starts), pa.py_buffer(data))
    rows = np.flatnonzero(unsure)
    found = pl.Series(texts.name, array)
    return found.scatter(rows, _slowly(texts.gather(rows))) if len(rows) else found


@compiled
def together(source: Hashes, target: Hashes) -> Hashes:
    """One hash for the two sides of each pair."""
    return mixed(mixed(source) + target * _MULTIPLIER)


def _slowly(texts: pl.Series) -> pl.Series:
    return texts.to_frame("text").select(spelt(pl.col("text"))).to_series()


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
def _folded(data: Bytes, starts: Places, table: Folds) -> tuple[Bytes, Places, Flags]:
    """The keys, and whether they are left open: the table cannot tell them, or they are not made of single folds."""
    num = len(starts) - 1
    # At most four bytes for one; memory that is not written to costs nothing.
    found, places = np.empty(4 * (starts[-1] - starts[0]), np.uint8), np.zeros(num + 1, np.int64)
    unsure, end = np.zeros(num, np.bool_), 0
    for row in range(num):
        place = starts[row]
        while place < starts[row + 1] and not unsure[row]:
            code, place = character(data, place)
            fold = np.int64(table[code])
            unsure[row] = fold >= SEVERAL
            if 0 < fold < SEVERAL:
                end = write(fold, found, end)
        unsure[row] |= end == places[row]
        places[row + 1] = end = places[row] if unsure[row] else end
    return found[:end].copy(), places, unsure


@compiled
def _next(state: np.uint64, code: np.int64) -> np.uint64:
    """The hash of a text that is one character longer. No two states, and no two characters, give the same."""
    state = (state ^ np.uint64(code)) * _MULTIPLIER
    return state ^ (state >> np.uint64(29))

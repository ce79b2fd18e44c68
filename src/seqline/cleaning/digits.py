"""Whether two texts hold the same numbers in digits: one walk over both, since most pairs do."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from seqline.cleaning.kinds import DIGIT, members
from seqline.cleaning.utf8 import Bytes, Places, Texts, character
from seqline.compiled import compiled

Flags = NDArray[np.bool_]


def same_digits(source: Texts, target: Texts) -> Flags:
    """For each pair, whether the runs of decimal digits of both sides are the same, in the same order."""
    return _same_digits(source.data, source.starts, target.data, target.starts, _digits())


@compiled
def _same_digits(data: Bytes, starts: Places, others: Bytes, other_starts: Places, digits: Flags) -> Flags:
    same = np.zeros(len(starts) - 1, np.bool_)
    for pair in range(len(same)):
        place, other = starts[pair], other_starts[pair]
        code, place, _ = _digit(data, place, starts[pair + 1], digits)
        other_code, other, _ = _digit(others, other, other_starts[pair + 1], digits)
        begins = other_begins = False
        while code == other_code and begins == other_begins and code != 0:
            code, place, begins = _digit(data, place, starts[pair + 1], digits)
            other_code, other, other_begins = _digit(others, other, other_starts[pair + 1], digits)
        same[pair] = code == other_code == 0
    return same


@compiled
def _digit(data: Bytes, place: int, end: int, digits: Flags) -> tuple[np.int64, int, bool]:
    """The next digit or 0, the place behind it, and whether something stands before it, so that a run begins."""
    begins = False
    while place < end:
        code, place = character(data, place)
        if digits[code]:
            return code, place, begins
        begins = True
    return np.int64(0), place, begins


@cache
def _digits() -> Flags:
    return members(DIGIT)

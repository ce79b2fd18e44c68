"""Texts that stutter: the same stretch three times or more in a row."""

import re
from typing import Final

import numpy as np
import polars as pl

from seqline.cleaning.tokens import Flags
from seqline.cleaning.utf8 import Bytes, Places, Texts
from seqline.compiled import compiled

_STUTTER: Final = re.compile(r"(\S.{2,99}?)(?:\s*\1){2,}", re.DOTALL)
_MIN_PERIOD, _MAX_PERIOD = 8, 127
_MAX_SPACE: Final = 3
"""Bytes of white space between two pieces that the last piece lacks."""


def one_sided_repetition(pairs: pl.Series) -> pl.Series:
    """For structs of ``source`` and ``target``: the length of a stretch that one side repeats and the other does not.

    A stretch is one piece of 3–100 characters three times or more. The regular expression with its back reference takes
    0.1 ms a line, so it should be asked only about pairs of which one side :func:`stutters`.
    """
    sides = (pairs.struct.field(side).to_list() for side in ("source", "target"))
    stretches = [sorted((_stretch(source), _stretch(target))) for source, target in zip(*sides, strict=True)]
    found = [longer if shorter == 0 else 0 for shorter, longer in stretches]
    return pl.Series(pairs.name, found, dtype=pl.Int64)


def stutters(texts: Texts) -> Flags:
    """Whether a stretch of at least eight bytes, the space behind it included, stands three times in a row."""
    return _stutters(texts.data, texts.starts)


def _stretch(text: str) -> int:
    match = _STUTTER.search(text)
    return len(match.group()) if match else 0


@compiled
def _stutters(data: Bytes, starts: Places) -> Flags:
    found = np.zeros(len(starts) - 1, np.bool_)
    for text in range(len(starts) - 1):
        found[text] = _repeats(data, starts[text], starts[text + 1])
    return found


@compiled
def _repeats(data: Bytes, start: int, end: int) -> bool:
    """Whether the bytes equal those a period later, for as long as two periods less the last space."""
    for period in range(_MIN_PERIOD, min(_MAX_PERIOD, (end - start + _MAX_SPACE) // 3) + 1):
        needed = 2 * period - _MAX_SPACE
        # Every stretch that is long enough covers one of these places.
        for place in range(start + needed - 1, end - period, needed):
            if data[place] == data[place + period] and _equal(data, start, end - period, place, period) >= needed:
                return True
    return False


@compiled
def _equal(data: Bytes, start: int, end: int, place: int, period: int) -> int:
    """How many bytes in a row, around a place where it is so, equal those a period later."""
    first, last = place, place
    while first > start and data[first - 1] == data[first - 1 + period]:
        first -= 1
    while last + 1 < end and data[last + 1] == data[last + 1 + period]:
        last += 1
    return last - first + 1

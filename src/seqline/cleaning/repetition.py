"""Texts that stutter: the same stretch three times or more in a row."""

import re
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

_STUTTER: Final = re.compile(r"(\S.{2,99}?)(?:\s*\1){2,}", re.DOTALL)
_PERIODS_BYTES: Final = range(8, 304)


def one_sided_repetition(pairs: pl.Series) -> pl.Series:
    """For structs of ``source`` and ``target``: the length of a stretch that one side repeats and the other does not.

    A stretch is one piece of 3–100 characters three times or more. A regular expression with a back reference needs
    seconds per ten thousand lines, so it only judges lines whose bytes somewhere equal themselves, shifted by a period.
    """
    sides = [pairs.struct.field(side) for side in ("source", "target")]
    found = np.zeros(len(pairs), dtype=np.int64)
    for row in np.union1d(*(_candidates(side) for side in sides)):
        lengths = [_stretch(side[int(row)]) for side in sides]
        found[row] = max(lengths) if min(lengths) == 0 else 0
    return pl.Series(pairs.name, found)


def _stretch(text: str) -> int:
    match = _STUTTER.search(text)
    return len(match.group()) if match else 0


def _candidates(texts: pl.Series) -> NDArray[np.int64]:
    """Lines in which two periods of bytes in a row equal those a period later, for some period.

    Three times a piece is such a run. Wherever it starts, it covers eight bytes that begin at a multiple of a stride a
    little shorter than the run: only those are compared at first, so a long period costs little.
    """
    ends, flat = _flat(texts)
    # Copies, because NumPy is slow at comparing integers that are not aligned in memory.
    eights = [flat[shift : shift + (len(flat) - shift) // 8 * 8].copy().view(np.uint64) for shift in range(8)]
    rows = []
    for period in _PERIODS_BYTES:
        stride = (2 * period - 7) // 8
        here, later = eights[0][::stride], eights[period % 8][period // 8 :: stride]
        places = np.flatnonzero(here[: len(later)] == later[: len(here)]) * (8 * stride)
        rows += [place for place in places.tolist() if _repeats(flat, place, period)]
    return np.unique(np.searchsorted(ends, np.array(rows, dtype=np.int64), side="right"))


def _flat(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The texts' bytes in one array, followed by a few zeros, and where each text ends in it."""
    flat = "".join(texts.to_list()).encode() + bytes(8)
    return np.cumsum(texts.str.len_bytes().to_numpy().astype(np.int64)), np.frombuffer(flat, dtype=np.uint8)


def _repeats(flat: NDArray[np.uint8], place: int, period: int) -> bool:
    """Whether a run of nearly two periods around a place equals the bytes one period later."""
    begin, end = max(0, place - 2 * period), min(len(flat) - period, place + 2 * period)
    differs = np.flatnonzero(flat[begin:end] != flat[begin + period : end + period]) + begin
    after = int(np.searchsorted(differs, place))
    left = int(differs[after - 1]) if after else begin - 1
    right = int(differs[after]) if after < len(differs) else end
    return right - left - 1 >= 2 * period - 7

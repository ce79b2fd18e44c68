"""Texts that stutter: the same stretch three times or more in a row."""

import re
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

_STUTTER: Final = re.compile(r"(\S.{2,99}?)(?:\s*\1){2,}", re.DOTALL)
_PERIODS_BYTES: Final = range(8, 128)
_ALL_EQUAL: Final = np.uint64(0x0101010101010101)


def one_sided_repetition(pairs: pl.Series) -> pl.Series:
    """For structs of ``source`` and ``target``: the length of a stretch that one side repeats and the other does not.

    A stretch is one piece of 3–100 characters three times or more. A regular expression with a back reference needs
    seconds per ten thousand lines, so it only judges lines whose bytes equal themselves, shifted by some period, for
    about two periods.
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
    lines = texts.to_list()
    encoded = [line.encode() for line in lines]
    ends = np.cumsum([len(line) for line in encoded])
    flat = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    rows = [np.empty(0, dtype=np.int64)]
    for period in _PERIODS_BYTES:
        usable = (len(flat) - period) // 8 * 8
        if usable <= 0:
            break
        equal = flat[period : period + usable] == flat[:usable]
        chunks = np.flatnonzero(equal.view(np.uint64) == _ALL_EQUAL)
        # Three times a piece is a run of two periods; wherever it starts, it holds this many whole chunks of 8 bytes.
        needed = (2 * period - 7) // 8
        if len(chunks) < needed:
            continue
        starts = chunks[: len(chunks) - needed + 1]
        starts = starts[chunks[needed - 1 :] - starts == needed - 1]
        rows.append(np.unique(np.searchsorted(ends, starts * 8, side="right")))
    return np.unique(np.concatenate(rows))

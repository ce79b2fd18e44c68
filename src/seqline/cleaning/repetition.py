"""Texts that stutter: the same stretch three times or more in a row."""

import re
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

_STUTTER: Final = re.compile(r"(\S.{2,99}?)(?:\s*\1){2,}", re.DOTALL)
_PERIODS_BYTES: Final = range(8, 128)
_MAX_SPACE: Final = 3
"""Bytes of white space between two pieces that the last piece lacks."""

_CHUNK: Final = 2048
"""Texts looked at together: about 200 kB, which stay in the cache over all periods."""


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
    sizes = texts.str.len_bytes().to_numpy()
    # In order of size, because three pieces must fit: a short text has few periods to try.
    order = np.argsort(sizes, kind="stable")
    parts = [np.empty(0, dtype=np.int64)]
    for start in range(0, len(texts), _CHUNK):
        rows = order[start : start + _CHUNK]
        parts.append(rows[_repeating(texts.gather(rows), int(sizes[rows[-1]]) // 3 + _MAX_SPACE)])
    return np.concatenate(parts)


def _repeating(texts: pl.Series, longest_period: int) -> NDArray[np.int64]:
    data = str(texts.str.join("").item()).encode()
    ends = np.cumsum(texts.str.len_bytes().to_numpy().astype(np.int64))
    # The same bytes from eight offsets, as 64-bit words: word j of shifted[r] begins at byte 8 j + r.
    shifted = [np.frombuffer(data[first:], np.uint64, (len(data) - first) // 8) for first in range(min(8, len(data)))]
    rows = [np.empty(0, dtype=np.int64)]
    for period in range(_PERIODS_BYTES.start, min(_PERIODS_BYTES.stop, longest_period + 1, len(data) - 7)):
        words, offset = divmod(period, 8)
        later = shifted[offset][words:]
        equal = np.flatnonzero(shifted[0][: len(later)] == later)
        # Three times a piece is a run of two periods, less the last space; wherever it starts, it holds this many
        # whole words of 8 bytes.
        needed = max(1, (2 * period - _MAX_SPACE - 7) // 8)
        if len(equal) < needed:
            continue
        starts = equal[: len(equal) - needed + 1]
        starts = starts[equal[needed - 1 :] - starts == needed - 1]
        rows.append(np.unique(np.searchsorted(ends, starts * 8, side="right")))
    return np.unique(np.concatenate(rows))

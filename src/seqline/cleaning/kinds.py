"""What kind of character a code point is, looked up in tables that the regular-expression engine itself filled."""

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

LETTER: Final = r"\p{L}"
DIGIT: Final = r"\p{Nd}"
VISIBLE: Final = r"\S"
LATIN: Final = r"\p{Latin}"
WORD: Final = r"\p{L}\p{M}\p{N}"

NUM_CODE_POINTS: Final = 0x110000
_LISTED: Final = (*range(0xD800), *range(0xE000, 0x32400), *range(0xE0000, 0xE0200))
"""What Unicode has assigned so far lies in these ranges; surrogates are no characters of a text."""
_UNASSIGNED, _PRIVATE, _FIRST_PRIVATE = 0x40000, 0xF0000, 0xF0000


@cache
def members(inside: str) -> NDArray[np.bool_]:
    """For every code point, whether it is in a class of characters, given as the inside of ``[…]``.

    >>> members(r"\\p{Han}")[ord("你")]
    np.True_
    """
    points, characters = listed()
    found = characters.str.contains(f"^[{inside}]$").to_numpy()
    table = np.full(NUM_CODE_POINTS, found[-2])
    table[_FIRST_PRIVATE:] = found[-1]
    table[points] = found
    table.setflags(write=False)
    return table


@cache
def lower_case() -> NDArray[np.uint32]:
    """For every code point, its lower-case form; itself where that is more than one character (``İ``)."""
    table = np.arange(NUM_CODE_POINTS, dtype=np.uint32)
    cased = np.flatnonzero(members(r"\p{Lu}\p{Lt}\p{Nl}\p{So}"))
    lowered = ((code, chr(code).lower()) for code in cased)
    table[cased] = [ord(lower) if len(lower) == 1 else code for code, lower in lowered]
    table.setflags(write=False)
    return table


@cache
def listed() -> tuple[NDArray[np.int64], pl.Series]:
    """Every code point that is assigned, and one that is not and a private one, with their characters."""
    points = (*_LISTED, _UNASSIGNED, _PRIVATE)
    return np.array(points), pl.Series([chr(point) for point in points])

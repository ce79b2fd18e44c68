"""Which texts a costly regular expression need not see: many small patterns sought at once, in one walk.

A sketch is a pattern so simple that one bit remembers how far it has come. It finds every text in which the expression
that it stands for would find something, and some more.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqline.cleaning.kinds import members
from seqline.cleaning.utf8 import Bytes, Places, Texts, character
from seqline.compiled import compiled

ANYTHING: Final = r"\s\S"
Bits = NDArray[np.uint32]
_START, _END = 0x110000, 0x110001
_OPENS, _KEEPS, _CLOSES = 0, 1, 2


@dataclass(frozen=True)
class Sketch:
    """The pattern ``[first][between]*[last]``, made of the insides of regular-expression classes.

    ``None`` as ``first`` is the beginning of the text, as ``last`` its end. ``Sketch("%", "0-9", "a-z")`` finds ``%s``
    and ``%03d``.
    """

    first: str | None
    between: str
    last: str | None


def holding(inside: str) -> Sketch:
    """Texts with at least one character of a class."""
    return Sketch(None, ANYTHING, inside)


def following(first: str, last: str) -> Sketch:
    """Texts in which a character of the second class follows one of the first."""
    return Sketch(first, "", last)


@cache
def table(sketches: tuple[Sketch, ...]) -> Bits:
    """For every code point, the start and the end, what it means to up to 32 sketches: one bit each."""
    bits = np.zeros((_END + 1, 3), np.uint32)
    for number, sketch in enumerate(sketches):
        bit = np.uint32(1 << number)
        for column, inside in ((_OPENS, sketch.first), (_KEEPS, sketch.between), (_CLOSES, sketch.last)):
            if inside:
                bits[:_START, column][members(inside)] |= bit
        bits[_START, _OPENS] |= bit * (sketch.first is None)
        bits[_END, _CLOSES] |= bit * (sketch.last is None)
    bits.setflags(write=False)
    return bits


def seen(texts: Texts, table: Bits) -> Bits:
    """For each text the bits of the sketches that are found in it."""
    return _seen(texts.data, texts.starts, table)


@compiled
def _seen(data: Bytes, starts: Places, table: Bits) -> Bits:
    """Shift-And (Baeza-Yates & Gonnet 1992): a bit of ``state`` is set while its sketch waits for its last class."""
    found = np.zeros(len(starts) - 1, np.uint32)
    for text in range(len(starts) - 1):
        place, state, closed = starts[text], table[_START, _OPENS], np.uint32(0)
        while place < starts[text + 1]:
            code, place = character(data, place)
            closed |= state & table[code, _CLOSES]
            state = (state & table[code, _KEEPS]) | table[code, _OPENS]
        found[text] = closed | (state & table[_END, _CLOSES])
    return found

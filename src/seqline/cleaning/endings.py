"""What texts end with, since a truncated text ends without the mark that closes a sentence."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqline.cleaning.kinds import NUM_CODE_POINTS
from seqline.cleaning.utf8 import Bytes, Places, Texts, character
from seqline.compiled import compiled

Marks = NDArray[np.uint8]
FULL_STOP: Final = 1
QUESTION: Final = 2
_CLOSING: Final = 4
_KINDS: Final = {FULL_STOP: ".!。！…:：", QUESTION: "?？", _CLOSING: " \"'”’」』）)»"}


def endings(texts: Texts) -> Marks:
    """For each text ``FULL_STOP`` (or another mark that ends a sentence), ``QUESTION`` or 0; closing quotes aside."""
    return _endings(texts.data, texts.starts, _marks())


@compiled
def _endings(data: Bytes, starts: Places, marks: Marks) -> Marks:
    found = np.zeros(len(starts) - 1, np.uint8)
    for text in range(len(found)):
        place = starts[text + 1]
        kind = np.uint8(_CLOSING)
        while kind == _CLOSING and place > starts[text]:
            place -= 1
            # The bytes of a character after its first one begin with the bits 10.
            while data[place] & 0xC0 == 0x80:
                place -= 1
            kind = marks[character(data, place)[0]]
        found[text] = kind & (FULL_STOP | QUESTION)
    return found


@cache
def _marks() -> Marks:
    table = np.zeros(NUM_CODE_POINTS, np.uint8)
    for kind, marks in _KINDS.items():
        table[[ord(mark) for mark in marks]] = kind
    return table

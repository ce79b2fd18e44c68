"""Whether texts hold a word of some lists: one walk that hashes every word and looks it up."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqline.cleaning.kinds import lower_case, members
from seqline.cleaning.tokens import Hashes
from seqline.cleaning.utf8 import Bytes, Places, Texts, character
from seqline.compiled import compiled

Lists = NDArray[np.uint8]
_FACTOR: Final = 0x9E3779B97F4A7C15
_NUM_BITS: Final = 12
_SHIFT: Final = 64 - _NUM_BITS


@dataclass(frozen=True)
class Lookup:
    """Words by their hashes, with a bit for each list that a word is on.

    A hash stands at the slot that its highest bits number, or at one of the next; 0 is a free slot (multiplicative
    hashing, Knuth 1973, section 6.4).
    """

    hashes: Hashes
    lists: Lists

    @staticmethod
    def of(lists: Sequence[frozenset[str]]) -> "Lookup":
        """Up to eight lists of lower-case words, some 2,000 words in all."""
        table = Lookup(np.zeros(1 << _NUM_BITS, np.uint64), np.zeros(1 << _NUM_BITS, np.uint8))
        for number, words in enumerate(lists):
            for hashed in map(_hash, words):
                slot = _slot(table.hashes, hashed)
                table.hashes[slot] = hashed
                table.lists[slot] |= 1 << number
        return table

    def found(self, texts: Texts) -> Lists:
        r"""For each text, the bits of the lists of which a word (``\b\w+\b``) stands in it, in any case."""
        return _found(texts.data, texts.starts, _letters(), self.hashes, self.lists)


@compiled
def _found(data: Bytes, starts: Places, letters: NDArray[np.uint32], hashes: Hashes, lists: Lists) -> Lists:
    found = np.zeros(len(starts) - 1, np.uint8)
    for text in range(len(starts) - 1):
        place, word = starts[text], np.uint64(0)
        while place < starts[text + 1]:
            code, place = character(data, place)
            letter = letters[code]
            if letter != 0:
                word = (word + np.uint64(letter)) * np.uint64(_FACTOR)
            elif word != 0:
                found[text] |= lists[_slot(hashes, word)]
                word = np.uint64(0)
        if word != 0:
            found[text] |= lists[_slot(hashes, word)]
    return found


@compiled
def _slot(hashes: Hashes, wanted: np.uint64) -> np.int64:
    """Where a hash stands, or the free slot where it would."""
    slot = np.int64(wanted >> np.uint64(_SHIFT))
    while hashes[slot] != 0 and hashes[slot] != wanted:
        slot = (slot + 1) % len(hashes)
    return slot


def _hash(word: str) -> np.uint64:
    value = 0
    for letter in word:
        value = (value + ord(letter)) * _FACTOR % 2**64
    return np.uint64(value)


@cache
def _letters() -> NDArray[np.uint32]:
    """The lower case of every character that words are made of, 0 of the others."""
    return np.where(members(r"\w"), lower_case(), 0).astype(np.uint32)

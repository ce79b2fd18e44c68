"""Words of many texts at once, as 64-bit hashes: one walk over the characters instead of a regular expression per line.

The words are those of :func:`seqline.cleaning.text.tokens`: lower-case runs of letters, marks and numbers, and single
characters of scripts without spaces. Equal words have equal hashes; two of 10,000 different words collide with a
probability of 3e-12.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.kinds import lower_case, members
from seqline.cleaning.language import DENSE
from seqline.cleaning.utf8 import Bytes, Places, Texts, character
from seqline.compiled import compiled

Hashes = NDArray[np.uint64]
Hash = TypeVar("Hash", np.uint64, Hashes)
Flags = NDArray[np.bool_]
_SEPARATOR, _LETTER, _NUMBER, _DENSE = 0, 1, 2, 3


@dataclass(frozen=True)
class Tokens:
    """The words of some texts, flattened: text ``i`` has those from ``starts[i]`` up to ``starts[i + 1]``."""

    hashes: Hashes
    starts: Places
    numeric: Flags
    """Whether the word begins with a digit or another number."""
    dense: Flags
    """Whether the word is one character of a script without spaces."""

    @property
    def counts(self) -> Places:
        """Words per text."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Places:
        """The text of each word."""
        return np.repeat(np.arange(len(self.starts) - 1), self.counts)


def tokenise(texts: pl.Series) -> Tokens:
    """The words of every text."""
    some = Texts.of(texts)
    hashes, starts, kinds = _tokenise(some.data, some.starts, _kinds(), lower_case())
    return Tokens(hashes, starts, kinds == _NUMBER, kinds == _DENSE)


@compiled
def mixed(hashes: Hash) -> Hash:
    """The finaliser of SplitMix64 (Steele et al. 2014): every bit of the result depends on every bit given."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


@compiled
def _tokenise(
    data: Bytes, texts: Places, kinds: NDArray[np.uint8], lower: NDArray[np.uint32]
) -> tuple[Hashes, Places, NDArray[np.uint8]]:
    """Hash, kind of the first character, and the texts' first words."""
    # A word has at least one byte; memory that is not written to costs nothing.
    hashes = np.empty(texts[-1] - texts[0], np.uint64)
    firsts = np.empty(texts[-1] - texts[0], np.uint8)
    starts = np.zeros(len(texts), np.int64)
    num = -1
    for text in range(len(texts) - 1):
        place, before = texts[text], _SEPARATOR
        while place < texts[text + 1]:
            code, place = character(data, place)
            kind = kinds[code]
            if kind != _SEPARATOR:
                if kind == _DENSE or before in (_SEPARATOR, _DENSE):
                    num += 1
                    firsts[num], hashes[num] = kind, np.uint64(0)
                hashes[num] = mixed(hashes[num] + np.uint64(lower[code]))
            before = kind
        starts[text + 1] = num + 1
    return hashes[: num + 1].copy(), starts, firsts[: num + 1].copy()


@cache
def _kinds() -> NDArray[np.uint8]:
    """For every code point, what it is to a word."""
    kinds = np.full(len(members(DENSE)), _SEPARATOR, np.uint8)
    for kind, inside in ((_LETTER, r"\p{L}\p{M}"), (_NUMBER, r"\p{N}"), (_DENSE, DENSE)):
        kinds[members(inside)] = kind
    return kinds

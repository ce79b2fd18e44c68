"""How much two texts have in common, and which of many may have much: MinHash (Broder 1997) over n-grams of words.

Numbers count as equal, for lines that differ in nothing else come out of one template.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.tokens import Hashes, mixed, tokenise
from seqline.cleaning.utf8 import Places
from seqline.compiled import compiled

Grams = NDArray[np.uint32]
_WORDS: Final = 2
_DENSE_WORDS: Final = 3

BANDS: Final = 8
_ROWS: Final = 4
"""Minima of a band. Two texts that share 0.8 of their n-grams agree in all of some band with a probability of 98.5 %
(Leskovec et al. 2020, Mining of Massive Datasets, section 3.4); those that share 0.9 with 99.99 %."""

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_NUMBER: Final = _MULTIPLIER
"""Instead of the hash of a number; not zero, which would be first in every order of the n-grams."""


def grams(texts: pl.Series, *, dense: bool) -> tuple[Grams, Places]:
    """Hashes of the n-grams of every text, flattened, and where those of each text begin.

    Two words make one, or three characters of a script without spaces.
    """
    words = tokenise(texts)
    masked = np.where(words.numeric, _NUMBER, words.hashes)
    return _grams(masked, words.starts, _DENSE_WORDS if dense else _WORDS)


def bands(source: tuple[Grams, Places], target: tuple[Grams, Places]) -> Hashes:
    """Of every pair the hashes of its bands, one row per band: pairs that are alike have equal ones in some row."""
    return _bands(*source, *target, _factors())


@compiled
def _grams(words: Hashes, starts: Places, length: int) -> tuple[Grams, Places]:
    """A text that is too short for an n-gram has none."""
    found, places, num = np.empty(len(words), np.uint32), np.zeros(len(starts), np.int64), 0
    for text in range(len(starts) - 1):
        for begin in range(starts[text], starts[text + 1] - length + 1):
            gram = np.uint64(0)
            for word in words[begin : begin + length]:
                gram = gram * _MULTIPLIER + word
            found[num] = np.uint32(mixed(gram) >> np.uint64(32))
            num += 1
        places[text + 1] = num
    return found[:num].copy(), places


@compiled
def _bands(source: Grams, sources: Places, target: Grams, targets: Places, factors: Grams) -> Hashes:
    num = len(sources) - 1
    found, minima = np.empty((BANDS, num), np.uint64), np.empty(BANDS * _ROWS, np.uint32)
    for pair in range(num):
        minima[:] = np.uint32(0xFFFFFFFF)
        for gram in source[sources[pair] : sources[pair + 1]]:
            _lower(minima, gram, factors)
        for gram in target[targets[pair] : targets[pair + 1]]:
            # Not the same gram as on the other side.
            _lower(minima, ~gram, factors)
        for band in range(BANDS):
            value = np.uint64(band)
            for minimum in minima[band * _ROWS : (band + 1) * _ROWS]:
                value = mixed(value + _MULTIPLIER * np.uint64(minimum))
            found[band, pair] = value
    return found


@compiled
def _lower(minima: Grams, gram: np.uint32, factors: Grams) -> None:
    """Take an n-gram into the minima: each is over another order of all n-grams."""
    for number in range(len(minima)):
        placed = np.uint32(gram * factors[number])
        minima[number] = min(minima[number], placed)


@cache
def _factors() -> Grams:
    """Odd numbers: multiplied by one of them modulo 2^32, hashes stand in another order."""
    drawn = mixed(np.arange(1, BANDS * _ROWS + 1, dtype=np.uint64)) >> np.uint64(32)
    return drawn.astype(np.uint32) | np.uint32(1)

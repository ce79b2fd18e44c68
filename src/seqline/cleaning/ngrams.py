"""Which of some sentences a text shares most of its n-grams with, for many texts at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.tokens import Hashes, mixed, tokenise
from seqline.cleaning.utf8 import Places
from seqline.compiled import compiled

Slots = NDArray[np.int32]
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_FREE: Final = -1


@dataclass(frozen=True)
class Index:
    """The n-grams of sentences that have at least two different ones."""

    length: int
    """Words of an n-gram."""
    grams: Hashes
    """Every n-gram once."""
    slots: Slots
    """An open hash table of places in ``grams``."""
    starts: Places
    """Where the sentences of each n-gram begin in ``sentences``."""
    sentences: Places
    sizes: Places
    """Different n-grams of each sentence."""

    @staticmethod
    def of(sentences: pl.Series, length: int) -> "Index":
        """The n-grams of ``length`` words, or single characters in scripts without spaces."""
        tokens = tokenise(sentences)
        grams, owners = _ngrams(tokens.hashes, tokens.starts, length)
        listed = pl.DataFrame({"gram": grams, "owner": owners}).unique().sort("gram", "owner")
        sizes = np.bincount(listed["owner"].to_numpy(), minlength=len(sentences))
        listed = listed.filter(pl.Series(sizes[listed["owner"].to_numpy()] > 1))
        counts = listed.group_by("gram", maintain_order=True).len()
        starts = np.concatenate([[0], np.cumsum(counts["len"].to_numpy(), dtype=np.int64)])
        distinct = counts["gram"].to_numpy()
        return Index(length, distinct, _slots(distinct), starts, listed["owner"].to_numpy(), sizes)

    def nearest(self, texts: pl.Series) -> tuple[Places, NDArray[np.float64]]:
        """For each text the sentence of whose n-grams it holds the largest share, and that share.

        The first of equal ones; -1 and 0.0 for a text that shares none.
        """
        tokens = tokenise(texts)
        table = (self.length, self.grams, self.slots, self.starts, self.sentences, self.sizes)
        return _nearest(tokens.hashes, tokens.starts, *table)


@compiled
def _rolled(gram: np.uint64, out: np.uint64, new: np.uint64, power: np.uint64) -> np.uint64:
    """The polynomial hash of the next n-gram: without the word that goes, with the one that comes."""
    return (gram - out * power) * _MULTIPLIER + new


@compiled
def _first(words: Hashes, begin: int, length: int) -> tuple[np.uint64, np.uint64]:
    """The hash of all but the last word of an n-gram, and the weight of its first word."""
    gram, power = np.uint64(0), np.uint64(1)
    for place in range(begin, begin + length - 1):
        gram, power = gram * _MULTIPLIER + words[place], power * _MULTIPLIER
    return gram, power


@compiled
def _ngrams(words: Hashes, starts: Places, length: int) -> tuple[Hashes, Places]:
    """Every n-gram, and the number of its text."""
    grams, owners, num = np.empty(len(words), np.uint64), np.empty(len(words), np.int64), 0
    for text in range(len(starts) - 1):
        begin, end = starts[text], starts[text + 1]
        if end - begin < length:
            continue
        (gram, power), out = _first(words, begin, length), np.uint64(0)
        for last in range(begin + length - 1, end):
            gram = _rolled(gram, out, words[last], power)
            out = words[last - length + 1]
            grams[num], owners[num] = gram, text
            num += 1
    return grams[:num].copy(), owners[:num].copy()


@compiled
def _slots(grams: Hashes) -> Slots:
    size = 16
    while size < 4 * len(grams):
        size *= 2
    slots = np.full(size, _FREE, np.int32)
    for place in range(len(grams)):
        slot = np.int64(mixed(grams[place]) & np.uint64(size - 1))
        while slots[slot] != _FREE:
            slot = (slot + 1) & (size - 1)
        slots[slot] = place
    return slots


@compiled
def _find(gram: np.uint64, grams: Hashes, slots: Slots) -> np.int64:
    """The place of an n-gram, or -1."""
    slot = np.int64(mixed(gram) & np.uint64(len(slots) - 1))
    while slots[slot] != _FREE and grams[slots[slot]] != gram:
        slot = (slot + 1) & (len(slots) - 1)
    return np.int64(slots[slot])


@compiled
def _nearest(
    words: Hashes,
    texts: Places,
    length: int,
    grams: Hashes,
    slots: Slots,
    starts: Places,
    sentences: Places,
    sizes: Places,
) -> tuple[Places, NDArray[np.float64]]:
    nearest, shares = np.full(len(texts) - 1, -1, np.int64), np.zeros(len(texts) - 1, np.float64)
    found, shared = np.empty(len(words), np.int64), np.zeros(len(sizes), np.int64)
    for text in range(len(texts) - 1):
        begin, end, num = texts[text], texts[text + 1], 0
        if end - begin < length:
            continue
        (gram, power), out = _first(words, begin, length), np.uint64(0)
        for last in range(begin + length - 1, end):
            gram = _rolled(gram, out, words[last], power)
            out = words[last - length + 1]
            place = _find(gram, grams, slots)
            if place >= 0:
                found[num] = place
                num += 1
        if num:
            nearest[text], shares[text] = _largest(np.unique(found[:num]), starts, sentences, sizes, shared)
    return nearest, shares


@compiled
def _largest(found: Places, starts: Places, sentences: Places, sizes: Places, shared: Places) -> tuple[int, float]:
    """The sentence that shares most; ``shared`` holds zeros, before and after."""
    best, share = -1, 0.0
    for place in found:
        for sentence in sentences[starts[place] : starts[place + 1]]:
            shared[sentence] += 1
            now = shared[sentence] / sizes[sentence]
            # Shares only grow, so the last word on each sentence is its own share.
            if now > share or (now == share and sentence < best):
                best, share = sentence, now
    for place in found:
        for sentence in sentences[starts[place] : starts[place + 1]]:
            shared[sentence] = 0
    return best, share

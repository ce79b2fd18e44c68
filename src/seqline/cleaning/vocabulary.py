"""The words of one side that a lexicon knows, and their numbers."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from seqline.cleaning.tokens import Hashes
from seqline.compiled import compiled
from seqline.translations import UNKNOWN, Floats, WordIds

MAX_WORDS: Final = 32_767
_MAX_WEIGHT: Final = 10.0


@dataclass(frozen=True)
class Vocabulary:
    """The most frequent words that occur at least twice; ids count from 1, the most frequent first.

    ``hashes`` and ``ids`` are a hash table with open addressing: a word stands in the slot of its last bits or, where
    that is taken, in the next free one. Free slots have the id 0.
    """

    hashes: Hashes
    ids: WordIds
    shares: Floats
    """How often each word is met among all words, by id; 0 for unknown ones."""

    @staticmethod
    def of(words: Hashes) -> "Vocabulary":
        """Count words."""
        hashes, counts = np.unique(words, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:MAX_WORDS]
        order = order[counts[order] > 1]
        shares = np.concatenate([[0.0], counts[order] / max(len(words), 1)])
        return Vocabulary(*_table(hashes[order]), shares.astype(np.float32))

    def __len__(self) -> int:
        return len(self.shares)

    def look_up(self, words: Hashes) -> WordIds:
        """The id of each word, 0 for those it does not know."""
        return _look_up(words, self.hashes, self.ids)

    @property
    def weights(self) -> Floats:
        """How much each word tells, by id: minus the logarithm of its share, at most 10; 0 for unknown ones."""
        weights = -np.log(np.maximum(self.shares, np.exp(-_MAX_WEIGHT)))
        weights[UNKNOWN] = 0
        return weights.astype(np.float32)


@compiled
def _table(words: Hashes) -> tuple[Hashes, WordIds]:
    """The hash table of different words, at most half full."""
    size = 2
    while size < 2 * len(words):
        size *= 2
    hashes, ids = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    for number, word in enumerate(words):
        slot = _slot(word, hashes, ids)
        hashes[slot], ids[slot] = word, number + 1
    return hashes, ids


@compiled
def _look_up(words: Hashes, hashes: Hashes, ids: WordIds) -> WordIds:
    found = np.empty(len(words), np.int32)
    for place, word in enumerate(words):
        found[place] = ids[_slot(word, hashes, ids)]
    return found


@compiled
def _slot(word: np.uint64, hashes: Hashes, ids: WordIds) -> np.int64:
    """Where a word stands, or the free slot where it would."""
    last = len(hashes) - 1
    slot = np.int64(word & np.uint64(last))
    while ids[slot] != UNKNOWN and hashes[slot] != word:
        slot = (slot + 1) & last
    return slot

"""Where each of many keys stands first, and how often before: the one question behind copies and crowds."""

from typing import Final

import numpy as np

from seqline.cleaning.tokens import Hashes, mixed
from seqline.cleaning.utf8 import Places
from seqline.compiled import compiled

_FREE: Final = -1


@compiled
def occurrences(keys: Hashes) -> tuple[Places, Places]:
    """For each of the keys, the place where it stands first and how often it stands before.

    >>> occurrences(np.array([7, 5, 7, 7], np.uint64))
    (array([0, 1, 0, 0]), array([0, 0, 1, 2]))
    """
    size = 16
    while size < 2 * len(keys):
        size *= 2
    slots, counts = np.full(size, _FREE, np.int32), np.zeros(size, np.int32)
    firsts, before = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
    for place in range(len(keys)):
        slot = np.int64(mixed(keys[place]) & np.uint64(size - 1))
        while slots[slot] != _FREE and keys[slots[slot]] != keys[place]:
            slot = (slot + 1) & (size - 1)
        if slots[slot] == _FREE:
            slots[slot] = place
        firsts[place], before[place] = slots[slot], counts[slot]
        counts[slot] += 1
    return firsts, before

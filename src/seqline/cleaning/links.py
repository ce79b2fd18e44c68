"""Which pairs of a group are similar to which, by the n-grams of both sides, and which of them go."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqline.cleaning.minhash import Grams
from seqline.cleaning.tokens import Flags
from seqline.cleaning.utf8 import Places
from seqline.compiled import compiled

_MAX_OTHERS: Final = 16
"""Pairs that one is compared with in a group: of unlike texts that share a frame, any number may meet there."""


@compiled
def linked(
    firsts: Places, source: Grams, sources: Places, target: Grams, targets: Places, least: float
) -> tuple[Places, NDArray[np.float64]]:
    """For each pair the first one before it in its group that it is similar to, or -1, and the share.

    It is compared with those of the group that are similar to none before them. ``firsts``: the group's first pair.
    """
    source, target = _ascending(source, sources), _ascending(target, targets)
    num = len(firsts)
    others, shares = np.full(num, -1, np.int64), np.zeros(num, np.float64)
    following, last, sizes = np.full(num, -1, np.int64), np.arange(num), np.ones(num, np.int64)
    for pair in range(num):
        first = firsts[pair]
        other = first if first != pair else -1
        while other >= 0 and others[pair] < 0:
            share = _shared(_part(source, sources, pair), _part(source, sources, other))
            if share >= least:
                share = min(share, _shared(_part(target, targets, pair), _part(target, targets, other)))
            if share >= least:
                others[pair], shares[pair] = other, share
            other = following[other]
        if first != pair and others[pair] < 0 and sizes[first] < _MAX_OTHERS:
            following[last[first]] = pair
            last[first] = pair
            sizes[first] += 1
    return others, shares


@compiled
def falling(rows: Places, others: Places, alive: Flags) -> Flags:
    """Which links drop their row; they ascend, and ``alive`` follows."""
    falls = np.zeros(len(rows), np.bool_)
    for link in range(len(rows)):
        falls[link] = alive[rows[link]] and alive[others[link]]
        if falls[link]:
            alive[rows[link]] = False
    return falls


@compiled
def _ascending(grams: Grams, starts: Places) -> Grams:
    ordered = grams.copy()
    for text in range(len(starts) - 1):
        ordered[starts[text] : starts[text + 1]].sort()
    return ordered


@compiled
def _part(grams: Grams, starts: Places, text: int) -> Grams:
    return grams[starts[text] : starts[text + 1]]


@compiled
def _shared(one: Grams, other: Grams) -> float:
    """The Jaccard share of two sets of n-grams, each in ascending order, perhaps with repetitions."""
    here = there = common = every = 0
    while here < len(one) or there < len(other):
        takes_one = there == len(other) or (here < len(one) and one[here] <= other[there])
        takes_other = here == len(one) or (there < len(other) and other[there] <= one[here])
        now = one[here] if takes_one else other[there]
        while here < len(one) and one[here] == now:
            here += 1
        while there < len(other) and other[there] == now:
            there += 1
        every += 1
        common += takes_one and takes_other
    return common / every if every else 0.0

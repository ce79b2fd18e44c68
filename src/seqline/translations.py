"""Which word of one side is translated by which of the other: IBM Model 1 (Brown et al. 1993) in both directions.

``t(f|e)`` is the probability that the word ``e`` of one side gives the word ``f`` of the other. Words are numbers, of
whatever units a caller counts: words for the cleaning, pieces for a shortlist.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqline.compiled import compiled

Places = NDArray[np.int64]
WordIds = NDArray[np.int32]
Floats = NDArray[np.float32]
Slots = NDArray[np.int32]
UNKNOWN: Final = 0
"""The id of words that teach nothing."""

_ITERATIONS: Final = 5
_MIN_PAIRS: Final = 2
"""Two words that meet in fewer pairs are no link: of most such meetings chance is the author."""

_MAX_DISTINCT: Final = 64
"""Words of a text that teach; the product of both sides is kept in memory."""


class Words(NamedTuple):
    """The ids of the words of some texts: text ``i`` has ``ids[starts[i]:starts[i + 1]]``."""

    ids: WordIds
    starts: Places


class Translations(NamedTuple):
    """Which target words a source word meets: those from ``starts[e]`` up to ``starts[e + 1]``, and t(f|e), t(e|f)."""

    starts: Places
    targets: WordIds
    forward: Floats
    backward: Floats


class _Meetings(NamedTuple):
    """Every word of a source with every word of its target.

    Words that meet in two pairs or more have a slot. ``slots[firsts[i] + a * n + b]`` is that of the words ``a`` and
    ``b`` of pair ``i``, whose target has ``n`` words; -1: none. The slots of a source word follow each other.
    """

    slots: Slots
    firsts: Places
    starts: Places
    targets: WordIds


def translations(source: Words, target: Words, sizes: tuple[int, int]) -> Translations:
    """Estimate t(f|e) and t(e|f) by expectation maximisation; ``sizes``: how many words each side has, with UNKNOWN."""
    sides = _distinct(source, sizes[0]), _distinct(target, sizes[1])
    meetings = _meet(*sides, *sizes)
    forward, backward = _maximised(*sides, meetings, sizes[1])
    return Translations(meetings.starts, meetings.targets, forward, backward)


@compiled
def _distinct(words: Words, num_words: int) -> Words:
    """The known words, each once in a text."""
    seen = np.full(num_words, -1, np.int64)
    ids, starts = np.empty(len(words.ids), np.int32), np.zeros(len(words.starts), np.int64)
    num = 0
    for text in range(len(starts) - 1):
        for word in words.ids[words.starts[text] : words.starts[text + 1]]:
            if word != UNKNOWN and seen[word] != text and num - starts[text] < _MAX_DISTINCT:
                seen[word] = text
                ids[num] = word
                num += 1
        starts[text + 1] = num
    return Words(ids[:num].copy(), starts)


@compiled
def _meet(source: Words, target: Words, num_source: int, num_target: int) -> _Meetings:
    firsts, owners, places, occurrences = _occurrences(source, target, num_source)
    slots, starts = np.empty(firsts[-1], np.int32), np.zeros(num_source + 1, np.int64)
    targets, met = np.empty(num_target, np.int32), np.empty(num_target, np.int32)
    counts, given = np.zeros(num_target, np.int32), np.empty(num_target, np.int32)
    num = 0
    for word in range(num_source):
        mine = slice(occurrences[word], occurrences[word + 1])
        num_met = _count(owners[mine], target, counts, met)
        if num + num_met > len(targets):
            targets = np.concatenate((targets, np.empty(len(targets) + num_met, np.int32)))
        num = _number(met[:num_met], counts, given, targets, num)
        _fill(owners[mine], places[mine], target, given, slots)
        starts[word + 1] = num
    return _Meetings(slots, firsts, starts, targets[:num].copy())


@compiled
def _count(pairs: Places, target: Words, counts: WordIds, met: WordIds) -> int:
    """Count the target words of some pairs, and list which there are; the result is how many."""
    num = 0
    for pair in pairs:
        for word in target.ids[target.starts[pair] : target.starts[pair + 1]]:
            if counts[word] == 0:
                met[num] = word
                num += 1
            counts[word] += 1
    return num


@compiled
def _number(met: WordIds, counts: WordIds, given: WordIds, targets: WordIds, num: int) -> int:
    """Give a slot, from ``num`` on, to each word that was counted often enough, and forget the counts."""
    for word in met:
        given[word] = -1
        if counts[word] >= _MIN_PAIRS:
            given[word], targets[num] = num, word
            num += 1
        counts[word] = 0
    return num


@compiled
def _fill(pairs: Places, places: Places, target: Words, given: WordIds, slots: Slots) -> None:
    """Write the slots of the meetings of one source word."""
    for occurrence, pair in enumerate(pairs):
        for offset, word in enumerate(target.ids[target.starts[pair] : target.starts[pair + 1]]):
            slots[places[occurrence] + offset] = given[word]


@compiled
def _occurrences(source: Words, target: Words, num_source: int) -> tuple[Places, Places, Places, Places]:
    """For each pair its first meeting; for the occurrences of each source word their pairs and first meetings."""
    ends = np.zeros(num_source + 1, np.int64)
    for word in source.ids:
        ends[word + 1] += 1
    occurrences = np.cumsum(ends)
    filled = occurrences.copy()
    owners, places = np.empty(len(source.ids), np.int64), np.empty(len(source.ids), np.int64)
    firsts = np.zeros(len(source.starts), np.int64)
    for pair in range(len(source.starts) - 1):
        height = target.starts[pair + 1] - target.starts[pair]
        place = firsts[pair]
        for word in source.ids[source.starts[pair] : source.starts[pair + 1]]:
            owners[filled[word]], places[filled[word]] = pair, place
            filled[word] += 1
            place += height
        firsts[pair + 1] = place
    return firsts, owners, places, occurrences


@compiled
def _maximised(source: Words, target: Words, meetings: _Meetings, num_target: int) -> tuple[Floats, Floats]:
    """t(target|source) and t(source|target) for each slot."""
    num_source = len(meetings.starts) - 1
    forward, backward = np.ones(len(meetings.targets), np.float32), np.ones(len(meetings.targets), np.float32)
    alone_target, alone_source = np.ones(num_target, np.float64), np.ones(num_source, np.float64)
    for _ in range(_ITERATIONS):
        counts = np.zeros(len(forward), np.float32)
        back_counts = np.zeros(len(forward), np.float32)
        free_target, free_source = np.zeros(num_target, np.float64), np.zeros(num_source, np.float64)
        for pair in range(len(source.starts) - 1):
            left = source.ids[source.starts[pair] : source.starts[pair + 1]]
            right = target.ids[target.starts[pair] : target.starts[pair + 1]]
            slots = meetings.slots[meetings.firsts[pair] : meetings.firsts[pair + 1]]
            _expect(slots, len(right), 1, left, forward, counts, right, alone_target, free_target)
            _expect(slots, 1, len(right), right, backward, back_counts, left, alone_source, free_source)
        forward, backward = _shared(counts, back_counts, meetings, num_target)
        alone_target = free_target / max(free_target.sum(), 1e-9)
        alone_source = free_source / max(free_source.sum(), 1e-9)
    return forward, backward


@compiled
def _expect(
    slots: Slots,
    past_step: int,
    found_step: int,
    past: WordIds,
    probability: Floats,
    counts: Floats,
    found: WordIds,
    alone: NDArray[np.float64],
    free: NDArray[np.float64],
) -> None:
    """Add a pair's expected counts: each found word comes from one of the past words, or from none (``alone``)."""
    for place, word in enumerate(found):
        total = alone[word]
        for other in range(len(past)):
            slot = slots[place * found_step + other * past_step]
            if slot >= 0:
                total += probability[slot]
        if total == 0:
            continue
        free[word] += alone[word] / total
        for other in range(len(past)):
            slot = slots[place * found_step + other * past_step]
            if slot >= 0:
                counts[slot] += probability[slot] / total


@compiled
def _shared(forward: Floats, backward: Floats, meetings: _Meetings, num_target: int) -> tuple[Floats, Floats]:
    """Counts as probabilities: forward ones of a source word sum to one, backward ones of a target word."""
    sums = np.zeros(num_target, np.float64)
    for slot, target in enumerate(meetings.targets):
        sums[target] += backward[slot]
    for slot, target in enumerate(meetings.targets):
        backward[slot] /= max(sums[target], 1e-9)
    for word in range(len(meetings.starts) - 1):
        mine = forward[meetings.starts[word] : meetings.starts[word + 1]]
        mine /= max(mine.sum(), 1e-9)
    return forward, backward

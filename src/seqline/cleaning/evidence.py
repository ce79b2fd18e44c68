"""What speaks for and against a pair, as a table of figures for a classifier: one loop over the words of both sides."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqline.cleaning.endings import QUESTION
from seqline.cleaning.lexicon import Links
from seqline.cleaning.support import Side, Support, link, unreached, unsupported
from seqline.cleaning.utf8 import Places
from seqline.compiled import compiled
from seqline.translations import Floats

Table = NDArray[np.float64]
_OF_SIDE: Final = ("explained", "unexplained", "unexplained tail", "longest gap", "loose end", "weight")
FEATURES: Final = (
    *(f"source {name}" for name in _OF_SIDE),
    *(f"target {name}" for name in _OF_SIDE),
    "foreign words", "excess", "absolute excess", "excess weight", "size",
    "only source ends", "only target ends", "questions differ",
)  # fmt: skip
"""The columns of the table; amounts are logarithms, and words weigh what they tell.

Of each side, *explained*: the mean strength of the words' links to the other side, in nats. *Unexplained*: the share of
the weight that nothing explains; *unexplained tail*: of the last third's weight. *Longest gap*: words in a row that
nothing explains. *Loose end*: how much more weight is unexplained than explained from some word on to the end.
*Weight*: of all words.

*Foreign words*: target words with an alphabet that the source lacks. *Excess*: how much longer the target is than
usual, in bytes; *excess weight*: by the weight of its words. *Size*: bytes of the source. *Ends*: as a sentence does.
"""

_WIDTH: Final = len(FEATURES)
_NUM_OF_SIDE: Final = len(_OF_SIDE)
_WEIGHT: Final = _NUM_OF_SIDE - 1
_COPIED_WEIGHT: Final = 10.0
_STRONGEST: Final = 5.0
_TAIL: Final = 0.65
_SHORT: Final = 5.0
"""Bytes added to every size, so that ratios of very short texts vary less."""


class Knowledge(NamedTuple):
    """What is known of words and texts."""

    links: Links
    source_weights: Floats
    target_weights: Floats
    usual_excess: float


@compiled
def evidence(source: Side, target: Side, known: Knowledge) -> Table:
    """One line per pair, with the columns of ``FEATURES``."""
    table = np.empty((len(source.starts) - 1, _WIDTH))
    given, found = unsupported(source), unsupported(target)
    reached = unreached(len(known.target_weights))
    for pair in range(len(table)):
        link(pair, source, given, target, found, known.links, reached)
        line = table[pair]
        _cover(pair, source, given, known.source_weights, line[:_NUM_OF_SIDE])
        _cover(pair, target, found, known.target_weights, line[_NUM_OF_SIDE : 2 * _NUM_OF_SIDE])
        line[2 * _NUM_OF_SIDE] = np.log1p(_foreign(pair, target, found))
        _compare(pair, source, target, known.usual_excess, line)
    return table


@compiled
def usual_excess(source_bytes: Places, target_bytes: Places) -> float:
    """How much longer targets usually are than sources, as a logarithm."""
    return np.median(_excess(source_bytes, target_bytes))


@compiled
def _excess(source_bytes: Places, target_bytes: Places) -> Table:
    return np.log((target_bytes + _SHORT) / (source_bytes + _SHORT))


@compiled
def _cover(pair: int, side: Side, support: Support, weights: Floats, line: Table) -> None:
    """What the words of one side say of the pair."""
    start, end = side.starts[pair], side.starts[pair + 1]
    tail_start = start + _TAIL * (end - start - 1)
    total = tail = strong = loose = loose_tail = surplus = 0.0
    gap = longest = 0
    for place in range(start, end):
        weight = _COPIED_WEIGHT if support.copied[place] else float(weights[side.ids[place]])
        strength = float(support.strengths[place])
        missing = strength == 0
        in_tail = place >= tail_start
        total += weight
        strong += weight * min(strength, _STRONGEST)
        loose += weight * missing
        tail += weight * in_tail
        loose_tail += weight * (missing and in_tail)
        gap = gap + 1 if missing else 0
        longest = max(longest, gap)
        surplus = max(0.0, surplus + (weight if missing else -weight))
    line[0] = strong / max(total, 1e-6)
    line[1] = loose / max(total, 1e-6)
    line[2] = loose_tail / max(tail, 1e-6)
    line[3] = np.log1p(longest)
    line[4] = np.log1p(surplus)
    line[_WEIGHT] = np.log1p(total)


@compiled
def _foreign(pair: int, target: Side, found: Support) -> int:
    num = 0
    for place in range(target.starts[pair], target.starts[pair + 1]):
        num += not target.dense[place] and not found.copied[place]
    return num


@compiled
def _compare(pair: int, source: Side, target: Side, usual: float, line: Table) -> None:
    """How the sizes and the ends of both sides go together."""
    more = _excess(source.sizes[pair], target.sizes[pair]) - usual
    ends, other_ends = source.endings[pair], target.endings[pair]
    line[-7] = more
    line[-6] = abs(more)
    line[-5] = line[_NUM_OF_SIDE + _WEIGHT] - line[_WEIGHT]
    line[-4] = np.log(source.sizes[pair] + _SHORT)
    line[-3] = ends != 0 and other_ends == 0
    line[-2] = other_ends != 0 and ends == 0
    line[-1] = (ends == QUESTION) != (other_ends == QUESTION)

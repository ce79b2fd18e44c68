"""How well each word of a pair is explained by the words of the other side."""

from typing import Final, NamedTuple

import numpy as np

from seqline.cleaning.endings import Marks
from seqline.cleaning.lexicon import Links
from seqline.cleaning.tokens import Flags, Hashes
from seqline.cleaning.utf8 import Places
from seqline.compiled import compiled
from seqline.translations import Floats, WordIds

_COPIED: Final = np.float32(4.0)
"""Nats: what a word that stands on both sides explains of itself (a name, a number, code)."""

_MAX_COMPARED: Final = 256
"""Words of a side that are compared with those of the other, so that a page without line breaks costs no minutes."""


class Side(NamedTuple):
    """One side of some pairs: pair ``i`` has the words from ``starts[i]`` up to ``starts[i + 1]``."""

    starts: Places
    hashes: Hashes
    dense: Flags
    ids: WordIds
    sizes: Places
    """Bytes of each text."""
    endings: Marks


class Support(NamedTuple):
    """For each word of a side, the strength of its best link to the other side, in nats, and whether it is copied."""

    strengths: Floats
    copied: Flags


class Reached(NamedTuple):
    """For each target word, by id, whether the pair at hand has it, and the strongest link to it from the source."""

    present: Flags
    strengths: Floats


@compiled
def unsupported(side: Side) -> Support:
    """Room for the support of every word of a side."""
    return Support(np.zeros(len(side.ids), np.float32), np.zeros(len(side.ids), np.bool_))


@compiled
def unreached(num_words: int) -> Reached:
    """Room for target words, none of which is present."""
    return Reached(np.zeros(num_words, np.bool_), np.zeros(num_words, np.float32))


@compiled
def link(pair: int, source: Side, given: Support, target: Side, found: Support, links: Links, reached: Reached) -> None:
    """Fill in the support of the words of one pair, ``given`` of the source and ``found`` of the target."""
    for word in target.ids[target.starts[pair] : target.starts[pair + 1]]:
        reached.present[word], reached.strengths[word] = True, 0
    for place in range(source.starts[pair], source.starts[pair + 1]):
        given.strengths[place] = _strongest(source.ids[place], links, reached)
    for place in range(target.starts[pair], target.starts[pair + 1]):
        found.strengths[place] = reached.strengths[target.ids[place]]
        reached.present[target.ids[place]] = False
    _copy(pair, source, given, target, found)


@compiled
def _strongest(word: int, links: Links, reached: Reached) -> np.float32:
    """The strongest link of a source word to a word that is present."""
    strongest = np.float32(0)
    for place in range(links.starts[word], links.starts[word + 1]):
        other = links.targets[place]
        if reached.present[other]:
            strongest = max(strongest, links.strengths[place])
            reached.strengths[other] = max(reached.strengths[other], links.strengths[place])
    return strongest


@compiled
def _copy(pair: int, source: Side, given: Support, target: Side, found: Support) -> None:
    """Words with an alphabet that stand on both sides explain each other."""
    last = min(target.starts[pair + 1], target.starts[pair] + _MAX_COMPARED)
    for place in range(source.starts[pair], min(source.starts[pair + 1], source.starts[pair] + _MAX_COMPARED)):
        if source.dense[place]:
            continue
        for other in range(target.starts[pair], last):
            if source.hashes[place] == target.hashes[other]:
                given.copied[place] = found.copied[other] = True
                given.strengths[place] = max(given.strengths[place], _COPIED)
                found.strengths[other] = max(found.strengths[other], _COPIED)

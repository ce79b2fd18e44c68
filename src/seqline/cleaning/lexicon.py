"""A lexicon learnt from the corpus itself: which words explain each other, and how much more often than by chance."""

from typing import Final, NamedTuple

import numpy as np

from seqline.cleaning.vocabulary import Vocabulary
from seqline.translations import Floats, Places, WordIds, Words, translations

_MIN_STRENGTH: Final = 1.0
"""Nats: a weaker link is hardly better than chance."""


class Links(NamedTuple):
    """Which target words a source word is linked to: those from ``starts[e]`` up to ``starts[e + 1]``."""

    starts: Places
    targets: WordIds
    strengths: Floats


def learn(source: Words, target: Words, vocabularies: tuple[Vocabulary, Vocabulary]) -> Links:
    """The links of two sides, by :func:`translations`.

    The strength of a link is ``log(1 + √(t(f|e)/p(f) · t(e|f)/p(e)))``, in nats. The geometric mean of both directions
    halves the errors of either.
    """
    sizes = len(vocabularies[0]), len(vocabularies[1])
    found = translations(source, target, sizes)
    past = np.repeat(np.arange(sizes[0]), np.diff(found.starts))
    chance = vocabularies[0].shares[past] * vocabularies[1].shares[found.targets]
    strengths = np.log1p(np.sqrt(found.forward * found.backward / chance)).astype(np.float32)
    kept = strengths >= _MIN_STRENGTH
    starts = np.searchsorted(past[kept], np.arange(sizes[0] + 1))
    return Links(starts, found.targets[kept], strengths[kept])

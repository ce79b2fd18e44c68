"""Misaligned and truncated pairs, recognised by what the corpus itself teaches.

No labelled data is needed: faults of each kind are planted into a sample, and a logistic regression learns what tells
them from the pairs as they are. The idea is Bicleaner's (Sánchez-Cartagena et al. 2018); the lexicon is Model 1. The
sample is halved, and no pair is judged by a lexicon that has seen it, since a lexicon explains the faults it has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from seqline.cleaning.evidence import Table
from seqline.cleaning.judge import Judge, Verdict, halves
from seqline.cleaning.language import Language
from seqline.cleaning.planting import FAULTS, Fault, plant
from seqline.cleaning.profile import profiled
from seqline.cleaning.regression import log_odds, logistic_regression
from seqline.cleaning.rule import Rule, drops
from seqline.cleaning.threshold import settle
from seqline.cleaning.witness import Witness

MIN_PAIRS: Final = 2000
"""Fewer pairs teach too little about words to judge any."""

_PLANTED: Final = 10_000
_MIN_PLANTED: Final = 200
_TAUGHT: Final = 40_000
"""Good pairs that the regression sees; more of them do not make it better."""


@dataclass(frozen=True)
class Schooling:
    """What a judge needs to learn: the languages, the rules that the pairs have passed, and the seed.

    ``max_loss`` is the share of the good pairs that may be lost for it, in all.
    """

    languages: tuple[Language, Language]
    rules: Sequence[Rule]
    seed: int
    max_loss: float

    def planted(self, pairs: pl.DataFrame, fault: Fault, draw: np.random.Generator) -> pl.DataFrame:
        """Pairs with one fault each, less what the rules would catch: such pairs are no longer there to be found."""
        spoilt = plant(pairs, fault, self.languages, _PLANTED, draw)
        caught = drops(profiled(spoilt, self.languages, self.rules), self.rules)
        return spoilt.join(caught, on="row", how="anti", maintain_order="left")


def learn(sample: pl.DataFrame, school: Schooling) -> Judge | None:
    """Learn from a sample of the pairs, in the order of the corpus; None where there are too few."""
    if len(sample) < MIN_PAIRS:
        return None
    half = halves(sample, school.seed)
    first, second = (Witness.learn(sample.filter(pl.Series(half != number))) for number in (0, 1))
    judge = Judge((first, second), (), school.seed)
    features, draw = judge.features(sample), np.random.default_rng(school.seed)
    verdicts = []
    for fault in FAULTS:
        planted = judge.features(school.planted(sample, fault, draw))
        if len(planted) >= _MIN_PLANTED:
            verdicts.append(_verdict(fault, features, planted, school.max_loss / len(FAULTS)))
    return replace(judge, verdicts=tuple(verdicts))


def _verdict(fault: Fault, features: Table, planted: Table, max_loss: float) -> Verdict:
    """Half of the planted faults teach the weights, the other half say what to expect of them."""
    weights = logistic_regression(features[:: 1 + len(features) // _TAUGHT], planted[::2])
    return Verdict(fault, weights, settle(log_odds(features, weights), log_odds(planted[1::2], weights), max_loss))

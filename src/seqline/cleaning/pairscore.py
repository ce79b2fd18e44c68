"""Misaligned and truncated pairs, recognised by what the corpus itself teaches.

No labelled data is needed: faults of each kind are planted into a sample, and a logistic regression learns what tells
them from the pairs as they are. The idea is Bicleaner's (Sánchez-Cartagena et al. 2018); the lexicon is Model 1. The
sample is halved, and no pair is judged by a lexicon that has seen it, since a lexicon explains the faults it has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.draw import draws
from seqline.cleaning.evidence import Floats, Vocabularies, Witness
from seqline.cleaning.language import Language
from seqline.cleaning.planting import FAULTS, Fault, plant
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import Rule, drops, no_drops
from seqline.cleaning.threshold import log_odds, logistic_regression, sigmoid, valley

MIN_PAIRS: Final = 2000
"""Fewer pairs teach too little about words to judge any."""

_PLANTED: Final = 4000
_MIN_PLANTED: Final = 200
_RULES: Final[dict[Fault, str]] = {
    "misaligned": "misaligned",
    "truncated_source": "truncated",
    "truncated_target": "truncated",
}


@dataclass(frozen=True)
class Schooling:
    """What a judge needs to learn: the languages, the rules that the pairs have passed, and the seed."""

    languages: tuple[Language, Language]
    rules: Sequence[Rule]
    seed: int

    def planted(self, pairs: pl.DataFrame, fault: Fault, random: np.random.Generator) -> pl.DataFrame:
        """A sample with one fault each, less what the rules would catch: such pairs are no longer there to be found."""
        size = min(_PLANTED, len(pairs))
        some = pairs[np.sort(random.choice(len(pairs), size, replace=False))]
        spoilt = plant(some, fault, self.languages, random).with_row_index("row")
        numbered = spoilt.with_columns(pl.col("row").cast(pl.Int64))
        caught = drops(profiled(numbered, self.languages), self.rules)
        return numbered.join(caught, on="row", how="anti", maintain_order="left")


@dataclass(frozen=True)
class Scale:
    """How suspicious features are of one fault, and from where on a pair is taken for faulty."""

    rule: str
    centre: Floats
    spread: Floats
    weights: Floats
    threshold: float

    @staticmethod
    def learn(rule: str, features: Floats, planted: Floats) -> "Scale":
        """From the features of pairs as they are, and of pairs with the fault."""
        centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
        weights = logistic_regression((features - centre) / spread, (planted - centre) / spread)
        odds, planted_odds = (log_odds((table - centre) / spread, weights) for table in (features, planted))
        return Scale(rule, centre, spread, weights, valley(odds, planted_odds))

    def beyond(self, rows: NDArray[np.int64], features: Floats) -> pl.DataFrame:
        """The drops: ``row``, ``rule``, ``value`` (the probability of a fault, were half of all pairs faulty)."""
        odds = log_odds((features - self.centre) / self.spread, self.weights)
        guilty = odds >= self.threshold
        value = pl.Series(sigmoid(odds[guilty]).round(3).astype(str), dtype=pl.String)
        return pl.DataFrame({"row": rows[guilty], "rule": pl.repeat(self.rule, len(value), eager=True), "value": value})


@dataclass(frozen=True)
class Judge:
    """Judges pairs by two lexica; each half of the sample is judged by the lexicon of the other half."""

    vocabularies: Vocabularies
    witnesses: tuple[Witness, Witness]
    scales: tuple[Scale, ...]
    seed: int

    def faults(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Pairs to drop as misaligned or truncated; ``pairs`` has ``row``, ``source`` and ``target``."""
        half = _half(pairs, self.seed)
        found = [no_drops()]
        for number, witness in enumerate(self.witnesses):
            own = pairs.filter(pl.Series(half == number))
            features = witness.features(own, self.vocabularies)
            found += [scale.beyond(own["row"].to_numpy(), features) for scale in self.scales]
        return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def learn(sample: pl.DataFrame, school: Schooling) -> Judge | None:
    """Learn from a sample of the pairs; None where there are too few."""
    if len(sample) < MIN_PAIRS:
        return None
    half, vocabularies = _half(sample, school.seed), Vocabularies.of(sample)
    parts = [sample.filter(pl.Series(half == number)) for number in (0, 1)]
    witnesses = (Witness.learn(parts[1], vocabularies), Witness.learn(parts[0], vocabularies))
    features = np.vstack([witness.features(part, vocabularies) for witness, part in zip(witnesses, parts, strict=True)])
    random = np.random.default_rng(school.seed)
    scales = []
    for fault in FAULTS:
        spoilt = [school.planted(part, fault, random) for part in parts]
        planted = [witness.features(part, vocabularies) for witness, part in zip(witnesses, spoilt, strict=True)]
        if sum(map(len, planted)) >= _MIN_PLANTED:
            scales.append(Scale.learn(_RULES[fault], features, np.vstack(planted)))
    return Judge(vocabularies, witnesses, tuple(scales), school.seed)


def _half(pairs: pl.DataFrame, seed: int) -> NDArray[np.int64]:
    """To which half a row belongs, also where it was not in the sample."""
    return (draws(pairs["row"].to_numpy(), seed + 1) < 0.5).astype(np.int64)

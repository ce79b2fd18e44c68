"""Misaligned and truncated pairs, recognised by what the corpus itself teaches.

No labelled data is needed: faults of each kind are planted into a sample, and a logistic regression learns what tells
them from the pairs as they are. The idea is Bicleaner's (Sánchez-Cartagena et al. 2018); the lexicon is Model 1. Each
half of the corpus is judged by the lexicon of the other half, since a lexicon explains the faults it has seen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.evidence import Floats, Vocabularies, Witness
from seqline.cleaning.language import Language
from seqline.cleaning.planting import FAULTS, Fault, plant
from seqline.cleaning.rule import no_drops
from seqline.cleaning.threshold import at_precision, logistic_regression, score
from seqline.params.cleaning import PairScore

MIN_PAIRS: Final = 2000
"""Fewer pairs teach too little about words to judge any."""

_PLANTED: Final = 4000
_RULES: Final[dict[Fault, str]] = {
    "misaligned": "misaligned",
    "truncated_source": "truncated",
    "truncated_target": "truncated",
}


@dataclass(frozen=True)
class Half:
    """One half of the pairs, and what the other half says about it."""

    pairs: pl.DataFrame
    features: Floats
    planted: dict[Fault, Floats]


def faulty(train: pl.DataFrame, params: PairScore, languages: tuple[Language, Language], seed: int) -> pl.DataFrame:
    """Pairs to drop as misaligned or truncated: ``row``, ``rule``, ``value`` (the classifier's probability)."""
    if len(train) < MIN_PAIRS:
        return no_drops()
    halves = _halves(train, params, languages, np.random.default_rng(seed))
    rows = pl.concat([half.pairs["row"] for half in halves])
    features = np.vstack([half.features for half in halves])
    found = [no_drops()]
    for fault in FAULTS:
        planted = np.vstack([half.planted[fault] for half in halves])
        drops = _beyond_threshold(rows, features, planted, params.min_precision)
        found.append(drops.select("row", pl.lit(_RULES[fault]).alias("rule"), "value"))
    return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def _halves(
    train: pl.DataFrame, params: PairScore, languages: tuple[Language, Language], draw: np.random.Generator
) -> list[Half]:
    side = draw.permutation(len(train)) % 2
    parts = [train.filter(pl.Series(side == number)) for number in (0, 1)]
    vocabularies = Vocabularies.of(train)
    return [_judged(parts[number], parts[1 - number], vocabularies, params, languages, draw) for number in (0, 1)]


def _judged(
    own: pl.DataFrame,
    other: pl.DataFrame,
    vocabularies: Vocabularies,
    params: PairScore,
    languages: tuple[Language, Language],
    draw: np.random.Generator,
) -> Half:
    witness = Witness.learn(_sample(other, params.sample_pairs // 2, draw), vocabularies)
    sample = _sample(own, _PLANTED, draw)
    planted = {fault: witness.features(plant(sample, fault, languages, draw), vocabularies) for fault in FAULTS}
    return Half(own, witness.features(own, vocabularies), planted)


def _sample(pairs: pl.DataFrame, size: int, draw: np.random.Generator) -> pl.DataFrame:
    if len(pairs) <= size:
        return pairs
    return pairs[np.sort(draw.choice(len(pairs), size, replace=False))]


def _beyond_threshold(rows: pl.Series, features: Floats, planted: Floats, precision: float) -> pl.DataFrame:
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    weights = logistic_regression((features - centre) / spread, (planted - centre) / spread)
    scores, planted_scores = (score((table - centre) / spread, weights) for table in (features, planted))
    threshold, _ = at_precision(scores, planted_scores, precision)
    beyond: NDArray[np.bool_] = scores >= threshold
    return pl.DataFrame({"row": rows.filter(pl.Series(beyond)), "value": scores[beyond].round(3).astype(str)})

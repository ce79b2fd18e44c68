"""Misaligned and truncated pairs, recognised by what the corpus itself teaches.

No labelled data is needed: faults of each kind are planted into a sample, and a logistic regression learns what tells
them from the pairs as they are. The idea is Bicleaner's (Sánchez-Cartagena et al. 2018); the lexicon is Model 1. Each
half of the corpus is judged by the lexicon of the other half, since a lexicon explains the faults it has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.evidence import Floats, Vocabularies, Witness
from seqline.cleaning.language import Language
from seqline.cleaning.planting import FAULTS, Fault, plant
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import Rule, drops, no_drops
from seqline.cleaning.threshold import log_odds, logistic_regression, sigmoid, valley
from seqline.params.cleaning import PairScore

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
class Court:
    """What every judgement needs: the params, the languages, the rules that the pairs passed, and a generator."""

    params: PairScore
    languages: tuple[Language, Language]
    rules: Sequence[Rule]
    draw: np.random.Generator

    def planted(self, pairs: pl.DataFrame, fault: Fault) -> pl.DataFrame:
        """A sample with one fault each, less what the rules would catch: such pairs are no longer there to be found."""
        spoilt = plant(_sample(pairs, _PLANTED, self.draw), fault, self.languages, self.draw)
        numbered = spoilt.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
        return numbered.join(
            drops(profiled(numbered, self.languages), self.rules), on="row", how="anti", maintain_order="left"
        )


@dataclass(frozen=True)
class Half:
    """One half of the pairs, and what the other half says about it."""

    pairs: pl.DataFrame
    features: Floats
    planted: dict[Fault, Floats]


def faulty(train: pl.DataFrame, court: Court) -> pl.DataFrame:
    """Pairs to drop as misaligned or truncated: ``row``, ``rule``, ``value`` (the classifier's probability).

    ``train`` has ``row``, ``source`` and ``target``; small corpora are not judged.
    """
    if len(train) < MIN_PAIRS:
        return no_drops()
    halves = _halves(train, court)
    rows = pl.concat([half.pairs["row"] for half in halves])
    features = np.vstack([half.features for half in halves])
    found = [no_drops()]
    for fault in FAULTS:
        planted = np.vstack([half.planted[fault] for half in halves])
        if len(planted) >= _MIN_PLANTED:
            beyond = _beyond_threshold(rows, features, planted)
            found.append(beyond.select("row", pl.lit(_RULES[fault]).alias("rule"), "value"))
    return pl.concat(found).unique("row", keep="first", maintain_order=True).sort("row")


def _halves(train: pl.DataFrame, court: Court) -> list[Half]:
    side = court.draw.permutation(len(train)) % 2
    parts = [train.filter(pl.Series(side == number)) for number in (0, 1)]
    vocabularies = Vocabularies.of(train)
    return [_judged(parts[number], parts[1 - number], vocabularies, court) for number in (0, 1)]


def _judged(own: pl.DataFrame, other: pl.DataFrame, vocabularies: Vocabularies, court: Court) -> Half:
    witness = Witness.learn(_sample(other, court.params.sample_pairs // 2, court.draw), vocabularies)
    planted = {fault: witness.features(court.planted(own, fault), vocabularies) for fault in FAULTS}
    return Half(own, witness.features(own, vocabularies), planted)


def _sample(pairs: pl.DataFrame, size: int, draw: np.random.Generator) -> pl.DataFrame:
    if len(pairs) <= size:
        return pairs
    return pairs[np.sort(draw.choice(len(pairs), size, replace=False))]


def _beyond_threshold(rows: pl.Series, features: Floats, planted: Floats) -> pl.DataFrame:
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    weights = logistic_regression((features - centre) / spread, (planted - centre) / spread)
    odds, planted_odds = (log_odds((table - centre) / spread, weights) for table in (features, planted))
    beyond: NDArray[np.bool_] = odds >= valley(odds, planted_odds)
    return pl.DataFrame({"row": rows.filter(pl.Series(beyond)), "value": sigmoid(odds[beyond]).round(3).astype(str)})

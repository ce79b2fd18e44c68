"""Sufficient statistics: each sentence counted once, then any sample of sentences scored by adding rows.

Legend: R resamples, N sentences, K statistics of a sentence (BLEU: hypothesis and reference length, four match counts,
four totals; chrF: six times hypothesis, reference and matching n-grams).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqline.evaluation.metrics import bleu_metric, check_counts, chrf_metric

MetricName = Literal["bleu", "chrf"]
Floats = NDArray[np.float64]

_BLEU_ORDER = 4
_CHRF_BETA_SQUARED = 4.0


def statistics(
    hypotheses: Sequence[str], references: Sequence[str], language: str, metric: MetricName = "bleu"
) -> Floats:
    """One row per sentence, (N, K), counted by sacreBLEU itself.

    Raises:
        MismatchError: the counts differ.
        InputError: there is nothing to score.
    """
    check_counts(hypotheses, references)
    counter = bleu_metric(language) if metric == "bleu" else chrf_metric()
    # sacreBLEU's own significance tests go through this method: it has no public name for the counts.
    rows = counter._extract_corpus_statistics(list(hypotheses), [list(references)])
    return np.asarray(rows, dtype=np.float64)


def scores(sums_RK: Floats, metric: MetricName = "bleu") -> Floats:
    """Corpus scores in percent, (R,), of R summed samples; equal to sacreBLEU's to rounding."""
    return _bleu(sums_RK) if metric == "bleu" else _chrf(sums_RK)


def _bleu(sums_RK: Floats) -> Floats:
    """BLEU with exponential smoothing (Chen & Cherry 2014, method 3), as sacreBLEU computes it.

    ``BP · exp(mean_n log p_n)`` with ``BP = exp(1 − r/c)`` where the hypotheses are shorter (c < r). An order without
    any match counts as 1/2, 1/4, … of a match; an order without any n-gram makes the score zero.
    """
    length_R, reference_R = sums_RK[:, 0], sums_RK[:, 1]
    correct_RO, total_RO = sums_RK[:, 2 : 2 + _BLEU_ORDER], sums_RK[:, 2 + _BLEU_ORDER :]
    halvings_RO = np.cumsum(correct_RO == 0, axis=1)
    matches_RO = np.where(correct_RO == 0, 0.5**halvings_RO, correct_RO)
    defined_R = (total_RO > 0).all(axis=1) & (correct_RO > 0).any(axis=1)
    precision_RO = matches_RO / np.maximum(total_RO, 1.0)
    shortfall_R = np.minimum(0.0, 1.0 - reference_R / np.maximum(length_R, 1.0))
    return np.where(defined_R, 100.0 * np.exp(shortfall_R + np.log(precision_RO).mean(axis=1)), 0.0)


def _chrf(sums_RK: Floats) -> Floats:
    """chrF2 (Popović 2015): F of mean precision and mean recall over the orders that both sides have."""
    hypothesis_RO, reference_RO, match_RO = sums_RK[:, 0::3], sums_RK[:, 1::3], sums_RK[:, 2::3]
    both_RO = (hypothesis_RO > 0) & (reference_RO > 0)
    orders_R = np.maximum(both_RO.sum(axis=1), 1)
    precision_R = (both_RO * match_RO / np.maximum(hypothesis_RO, 1.0)).sum(axis=1) / orders_R
    recall_R = (both_RO * match_RO / np.maximum(reference_RO, 1.0)).sum(axis=1) / orders_R
    weight_R = _CHRF_BETA_SQUARED * precision_R + recall_R
    score_R: Floats = (
        100.0 * (1.0 + _CHRF_BETA_SQUARED) * precision_R * recall_R / np.where(weight_R > 0, weight_R, 1.0)
    )
    return score_R

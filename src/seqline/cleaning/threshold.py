"""From which score on a pair is taken for faulty, and what to expect of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MIN_CHANCE: Final = 0.8
"""A perfect score reaches it even where 40 % of the pairs are faulty."""

_WORTH: Final = 20
"""Good pairs that one is ready to lose for a fault, within the limit: the last faults would cost many more."""

_LEAST_SHARE: Final = 0.001
"""Faults are looked for in a corpus that seems to have none, too: so many might be hidden."""

_MARKS: Final = 1000
_STRETCHES: Final = ((0.9, 0.995), (0.8, 0.98), (0.7, 0.95), (0.5, 0.9))
_LEVEL: Final = 1.5


@dataclass(frozen=True)
class Expectation:
    """What dropping every pair from a score on will do, were the faults of the corpus like the planted ones."""

    threshold: float
    """Log odds; infinite, so that nothing is dropped, where the score cannot tell faults from good pairs."""
    recall: float
    """Share of the faults that are dropped."""
    precision: float
    """Share of faults among what is dropped."""
    loss: float
    """Share of the good pairs that are dropped."""
    share: float
    """Share of faults in the corpus."""

    def figures(self) -> dict[str, float | None]:
        """As the report shows it; the threshold is null where nothing is dropped."""
        return {
            "threshold": round(self.threshold, 3) if np.isfinite(self.threshold) else None,
            "expected_recall": round(self.recall, 4),
            "expected_precision": round(self.precision, 4),
            "expected_loss": round(self.loss, 5),
            "estimated_share": round(self.share, 5),
        }


def outlook(expected: Mapping[str, Expectation]) -> str:
    """What is expected per kind of fault, in words.

    >>> outlook({"truncated_source": Expectation(1.5, 0.97, 0.8, 0.001, 0.01)})
    '97% of truncated source (80% of those drops right)'
    """
    return ", ".join(
        f"{one.recall:.0%} of {fault.replace('_', ' ')} ({_trust(one)})" for fault, one in expected.items()
    )


def _trust(one: Expectation) -> str:
    return f"{one.precision:.0%} of those drops right" if one.share else "the corpus seems to have none"


def settle(scores: Floats, planted: Floats, max_loss: float) -> Expectation:
    """The threshold that serves best among those that cost at most ``max_loss`` of the good pairs.

    ``scores`` are those of the corpus, faults that are in it among them, and ``planted`` those of planted faults.
    """
    if _chance_to_outrank(planted, scores) < _MIN_CHANCE:
        return Expectation(float("inf"), 0.0, 0.0, 0.0, 0.0)
    share = faulty_share(scores, planted)
    thresholds = np.quantile(planted, np.linspace(0.0, 1.0, _MARKS))
    recall, dropped = _beyond(planted, thresholds), _beyond(scores, thresholds)
    found = np.minimum(share * recall, dropped)
    loss = (dropped - found) / (1 - share)
    gain = np.where(loss <= max_loss, _WORTH * max(share, _LEAST_SHARE) * recall - loss, -np.inf)
    best = int(np.argmax(gain))
    precision = found[best] / max(dropped[best], 1e-12)
    return Expectation(float(thresholds[best]), float(recall[best]), float(precision), float(loss[best]), share)


def faulty_share(scores: Floats, planted: Floats) -> float:
    """About how many of the pairs are faulty (mixture proportion estimation, Scott 2015).

    Beyond any score lie at least the faulty pairs' share of the planted ones, so the ratio of the two tails is an upper
    bound, were they alike. Where it hardly changes along a stretch of the planted faults, good pairs have no part in
    it, and it is the share; the stretch of the mildest faults is best, since real faults may be milder than planted
    ones. Where it changes along all of them, the least ratio is taken: rather too few, which saves good pairs.
    """
    marks = np.quantile(planted, np.linspace(0.0, 0.95, _MARKS))
    recall, num_beyond = _beyond(planted, marks), _beyond(scores, marks) * len(scores)
    # One standard error more: the least of many noisy ratios would be too small.
    ratios = (num_beyond + np.sqrt(num_beyond)) / len(scores) / recall
    stretches = [ratios[(recall >= low) & (recall <= high)] for low, high in _STRETCHES]
    level = [stretch.min() for stretch in stretches if stretch.max() <= _LEVEL * stretch.min()]
    return float(min(level[0] if level else ratios.min(), 0.99))


def _beyond(values: Floats, thresholds: Floats) -> Floats:
    """The share of values at or above each threshold."""
    shares: Floats = 1 - np.searchsorted(np.sort(values), thresholds) / len(values)
    return shares


def _chance_to_outrank(planted: Floats, scores: Floats) -> float:
    """How often a planted fault scores higher than a pair of the corpus (the area under the ROC curve)."""
    return float(np.searchsorted(np.sort(scores), planted).mean() / len(scores))

"""Learning what tells planted faults from pairs as they are, and how far to trust it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_RIDGE: Final = 1e-3
_STEPS: Final = 25
_BINS: Final = 32
_MIN_CHANCE: Final = 0.7
"""A perfect score reaches it even where 30 % of the pairs are faulty, and worse than the planted ones."""


def logistic_regression(clean: Floats, faulty: Floats) -> Floats:
    """Weights, bias last, that separate two tables of features (ridge, Newton's method); both count the same."""
    features = np.vstack([clean, faulty])
    features = np.hstack([features, np.ones((len(features), 1))])
    labels = np.concatenate([np.zeros(len(clean)), np.ones(len(faulty))])
    importance = np.where(labels == 1, 0.5 / len(faulty), 0.5 / len(clean))
    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        probability = sigmoid(features @ weights)
        slope = features.T @ (importance * (probability - labels)) + _RIDGE * weights
        curve = importance * probability * (1 - probability)
        curvature = (features * curve[:, None]).T @ features + _RIDGE * np.eye(len(weights))
        weights = weights - np.linalg.solve(curvature, slope)
    return weights


def valley(scores: Floats, planted: Floats) -> float:
    """The score that parts faulty pairs from good ones; infinity where the scores cannot tell them apart.

    Good pairs gather at low scores and faulty ones near the planted ones; between the two hills the density of the
    corpus's own scores is lowest, wherever exactly the faulty ones lie and however many they are. Where there are none
    the density only falls, and the threshold is the score that three quarters of the planted faults exceed.
    """
    if _chance_to_outrank(planted, scores) < _MIN_CHANCE:
        return float("inf")
    foot, hill = np.median(scores), np.quantile(planted, 0.25)
    counts, edges = np.histogram(scores, bins=_BINS, range=(foot, hill))
    smooth = np.convolve(counts, (0.25, 0.5, 0.25), mode="same")[1:-1]
    # The highest of equally empty bins: doubt is for the pair.
    lowest = len(smooth) - int(np.argmin(smooth[::-1]))
    return float(edges[lowest + 1])


def _chance_to_outrank(planted: Floats, scores: Floats) -> float:
    """How often a planted fault scores higher than a pair of the corpus (the area under the ROC curve)."""
    ordered = np.sort(scores)
    return float(np.searchsorted(ordered, planted).mean() / len(scores))


def log_odds(features: Floats, weights: Floats) -> Floats:
    """The log odds of a fault for each line of a table of features, were half of all pairs faulty."""
    odds: Floats = features @ weights[:-1] + weights[-1]
    return odds


def sigmoid(odds: Floats) -> Floats:
    """Probability from log odds."""
    probability: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return probability

"""Logistic regression: learning what tells planted faults from pairs as they are."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from seqline.compiled import compiled

Floats = NDArray[np.float64]
_RIDGE: Final = 1e-3
_MAX_STEPS: Final = 25
_DIGITS: Final = 6


def logistic_regression(clean: Floats, faulty: Floats) -> Floats:
    """Weights, bias last, that separate two tables of features (ridge, Newton's method); both count the same.

    The weights are for the features as they are; the ridge holds for features of variance one.
    """
    both = np.vstack([clean, faulty])
    centre, spread = both.mean(axis=0), both.std(axis=0) + 1e-6
    weights = _fitted((clean - centre) / spread, (faulty - centre) / spread)
    slopes = weights[:-1] / spread
    # The last bits depend on how many threads the linear algebra has; what is dropped must not.
    return np.round(np.append(slopes, weights[-1] - centre @ slopes), _DIGITS)


def _fitted(clean: Floats, faulty: Floats) -> Floats:
    features = np.vstack([clean, faulty])
    features = np.hstack([features, np.ones((len(features), 1))])
    labels = np.concatenate([np.zeros(len(clean)), np.ones(len(faulty))])
    importance = np.where(labels == 1, 0.5 / len(faulty), 0.5 / len(clean))
    weights = np.zeros(features.shape[1])
    for _ in range(_MAX_STEPS):
        probability = sigmoid(features @ weights)
        slope = features.T @ (importance * (probability - labels)) + _RIDGE * weights
        curve = importance * probability * (1 - probability)
        curvature = (features * curve[:, None]).T @ features + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(curvature, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return weights


@compiled
def log_odds(features: Floats, weights: Floats) -> Floats:
    """The log odds of a fault for each line of a table of features, were half of all pairs faulty.

    Not a product of matrices, whose last bits depend on which lines stand beside each other.
    """
    odds = np.full(len(features), weights[-1])
    for line in range(len(features)):
        for column in range(features.shape[1]):
            odds[line] += features[line, column] * weights[column]
    return odds


def sigmoid(odds: Floats) -> Floats:
    """Probability from log odds."""
    probability: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return probability

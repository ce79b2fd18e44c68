"""Learning what tells planted faults from pairs as they are, and how far to trust it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_RIDGE: Final = 1e-3
_STEPS: Final = 25


def logistic_regression(clean: Floats, faulty: Floats) -> Floats:
    """Weights, bias last, that separate two tables of features (ridge, Newton's method); both count the same."""
    features = np.vstack([clean, faulty])
    features = np.hstack([features, np.ones((len(features), 1))])
    labels = np.concatenate([np.zeros(len(clean)), np.ones(len(faulty))])
    importance = np.where(labels == 1, 0.5 / len(faulty), 0.5 / len(clean))
    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        probability = _sigmoid(features @ weights)
        slope = features.T @ (importance * (probability - labels)) + _RIDGE * weights
        curve = importance * probability * (1 - probability)
        curvature = (features * curve[:, None]).T @ features + _RIDGE * np.eye(len(weights))
        weights = weights - np.linalg.solve(curvature, slope)
    return weights


def at_precision(scores: Floats, planted: Floats, precision: float) -> tuple[float, float]:
    """The lowest score from which dropping is right at least with ``precision``, and the share of faults estimated.

    At a threshold τ, at most share(scores ≥ τ) / share(planted ≥ τ) of the pairs can be faulty (Elkan & Noto 2008). The
    median of these bounds, over the thresholds that catch 20–90 % of the planted faults, estimates how many are: real
    faults are not quite like planted ones, so the least bound would be too low. Where the estimate explains enough of
    what lies above a threshold, dropping it is right; a clean corpus so loses next to nothing.
    """
    caught = np.linspace(1.0, 0.2, 81)
    candidates = np.quantile(planted, 1 - caught)
    above = np.array([(scores >= candidate).mean() for candidate in candidates])
    share = float(np.median((above / caught)[caught <= 0.9]))
    good = candidates[(above > 0) & (share * caught >= precision * above)]
    return (float(good.min()) if len(good) else float("inf")), share


def score(features: Floats, weights: Floats) -> Floats:
    """The probability of a fault for each line of a table of features, were half of all pairs faulty."""
    return _sigmoid(features @ weights[:-1] + weights[-1])


def _sigmoid(odds: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return probability

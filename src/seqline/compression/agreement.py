"""Does an exported model give the probabilities that torch gives?"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Scorer(Protocol):
    """Anything that scores given pairs."""

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[list[float]]:
        """Log-probabilities of each target's pieces and of its end, in the order of the pairs."""


def log_prob_error(expected: Scorer, found: Scorer, sources: Sequence[str], targets: Sequence[str]) -> float:
    """The largest |Δ log p| over all target pieces, EOS included, of the given pairs; NaN where either side has one."""
    sides = [np.concatenate([*each.score(sources, targets)]) for each in (expected, found)]
    return float(np.abs(sides[0] - sides[1]).max())

"""A sample of a corpus that is read part by part: rows by lot, and the same ones for the same seed in every process."""

import numpy as np
from numpy.typing import NDArray


class Subset:
    """A sample of ``wanted`` rows of ``total``, or of all where there are fewer.

    Every set of that many rows is as likely as any other: how many of a part are in it is hypergeometric. Memory does
    not grow with the corpus.
    """

    def __init__(self, total: int, wanted: int, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self._left, self._wanted = total, min(wanted, total)

    def rows(self, size: int) -> NDArray[np.int64]:
        """Which rows of the next part, of so many rows, are in the sample, in their order."""
        count = self._draw.hypergeometric(self._wanted, self._left - self._wanted, size)
        self._left, self._wanted = self._left - size, self._wanted - count
        return np.sort(self._draw.choice(size, count, replace=False, shuffle=False))

"""Numbers by lot that depend on nothing but the row and a seed, however the rows are divided."""

import numpy as np
from numpy.typing import NDArray


def draws(rows: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) per row (SplitMix64, Steele et al. 2014)."""
    stream = (seed * 0xD1342543DE82EF95 + 1) % 2**64
    state = rows.astype(np.uint64) + np.uint64(stream)
    state *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray((state >> np.uint64(11)).astype(np.float64) / 2**53)


def lowest(drawn: NDArray[np.float64], num: int) -> float:
    """The bound at or below which the ``num`` lowest draws lie; below every draw where that is none."""
    return float(np.partition(drawn, num - 1)[num - 1]) if num else -1.0

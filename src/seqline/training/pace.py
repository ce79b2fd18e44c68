"""How fast a training run is, and how long it will take."""

import time

from seqline.params.modelling import Optimisation
from seqline.progress import duration

_WARM_UP = 3
"""Updates that are not timed: the first ones allocate and compile."""
_TIMED = 10


class Pace:
    """Counts the updates and target pieces of this process's run.

    Args:
        update: the update from which it goes on.
        seconds: what the run has taken before.
    """

    def __init__(self, update: int, seconds: float) -> None:
        self._first, self._before = update, seconds
        self._begin = self._warm = time.monotonic()
        self._updates = self._pieces = 0

    @property
    def seconds(self) -> float:
        """Of the whole run so far, its validations included."""
        return self._before + time.monotonic() - self._begin

    def count(self, pieces: int) -> None:
        """One update of so many target pieces more."""
        self._updates += 1
        self._pieces += pieces
        if self._updates == _WARM_UP:
            self._warm, self._pieces = time.monotonic(), 0

    @property
    def is_known_now(self) -> bool:
        """Whether enough has just been timed for an estimate: true once."""
        return self._updates == _WARM_UP + _TIMED

    def estimate(self, settings: Optimisation) -> str:
        """How long all updates will take, validations left out."""
        seconds = (time.monotonic() - self._warm) / max(self._updates - _WARM_UP, 1)
        left = settings.max_updates - self._first - self._updates
        return (
            f"{self}; {left:,} more updates take about {duration(left * seconds)} without validations, less if "
            f"{settings.patience} of them bring nothing"
        )

    def __str__(self) -> str:
        seconds = time.monotonic() - self._warm
        return f"{self._pieces / max(seconds, 1e-9):,.0f} target pieces/s"

"""A moment after which nothing may block any longer."""

import time
from dataclasses import dataclass


class DeadlineError(Exception):
    """The deadline has passed."""


@dataclass(frozen=True)
class Deadline:
    """A point on the monotonic clock, in seconds."""

    end_s: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The moment that lies so many seconds ahead."""
        return cls(time.monotonic() + seconds)

    def cap(self, timeout_s: float | None) -> float:
        """A time-out that does not reach beyond the deadline.

        Raises:
            DeadlineError: the deadline has passed.
        """
        left_s = self.end_s - time.monotonic()
        if left_s <= 0:
            raise DeadlineError
        return left_s if timeout_s is None else min(timeout_s, left_s)

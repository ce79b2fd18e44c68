"""What is at work and what waits, and whether there is room for more."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from seqline.server.limits import Limits


class Room:
    """The places of one server; ``num_waiting`` tells how many lines wait."""

    def __init__(self, limits: Limits, num_waiting: Callable[[], int]) -> None:
        self._limits, self._num_waiting = limits, num_waiting
        self._num_requests = 0

    @property
    def lack(self) -> str:
        """Why no request is taken now; empty: one is."""
        if self._num_requests >= self._limits.requests:
            return f"{self._num_requests} requests are at work already"
        if (waiting := self._num_waiting()) >= self._limits.waiting_lines:
            return f"{waiting} lines wait already"
        return ""

    @contextmanager
    def place(self) -> Iterator[Callable[[], None]]:
        """A place for a request; what it gives is called to leave the place before the end."""
        self._num_requests += 1
        with ExitStack() as place:
            place.callback(self._leave)
            yield place.close

    def _leave(self) -> None:
        self._num_requests -= 1

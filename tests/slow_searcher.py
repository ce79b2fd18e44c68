"""A translator that does as it is told: for the ways of a queue, which no model can be made to walk."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from threading import Event

from seqline.types import Demand, Search, Translation


class Obedient:
    """Writes every line in capitals, once it may, while it is wanted; remembers what it was given together."""

    def __init__(self, *, may_work: bool = True) -> None:
        self.calls: list[list[str]] = []
        self.has_begun, self.may_work, self.has_stopped = Event(), Event(), Event()
        if may_work:
            self.may_work.set()

    def search(
        self,
        lines: Sequence[str],
        search: Search,
        demands: Sequence[Demand] = (),
        *,
        align: bool = False,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> list[list[Translation]]:
        self.calls.append(list(lines))
        self.has_begun.set()
        end = time.monotonic() + 10
        while not self.may_work.wait(0.01):
            if not is_wanted():
                self.has_stopped.set()
                raise CancelledError
            assert time.monotonic() < end
        if "fail" in lines:
            raise RuntimeError("as told")
        return [[Translation(line.upper(), -float(rank)) for rank in range(search.nbest)] for line in lines]

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        return self.search(lines, Search(beam=beam, nbest=nbest))

    def score(self, sources: Sequence[str], targets: Sequence[str], *, first_line: int = 1) -> list[list[float]]:
        return [[0.0] for _ in sources]

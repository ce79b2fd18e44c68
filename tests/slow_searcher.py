"""A translator that does as it is told: for the ways of a queue, which no model can be made to walk."""

from collections.abc import Sequence
from threading import Event

from seqline.types import Demand, Search, Translation


class Obedient:
    """Writes every line in capitals, once it may; remembers what it was given together."""

    def __init__(self, *, may_work: bool = True) -> None:
        self.calls: list[list[str]] = []
        self.has_begun, self.may_work = Event(), Event()
        if may_work:
            self.may_work.set()

    def search(
        self, lines: Sequence[str], search: Search, demands: Sequence[Demand] = (), *, align: bool = False
    ) -> list[list[Translation]]:
        self.calls.append(list(lines))
        self.has_begun.set()
        assert self.may_work.wait(10)
        if "fail" in lines:
            raise RuntimeError("as told")
        return [[Translation(line.upper(), -float(rank)) for rank in range(search.nbest)] for line in lines]

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        return self.search(lines, Search(beam=beam, nbest=nbest))

    def score(self, sources: Sequence[str], targets: Sequence[str], *, first_line: int = 1) -> list[list[float]]:
        return [[0.0] for _ in sources]

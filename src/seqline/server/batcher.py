"""Lines of many requests, translated together.

Jobs wait in one bounded queue. A worker takes the oldest, and with it as many of the same options as fit, and
translates them in one call; meanwhile the next ones gather. Batches grow with the load, and nobody waits for a timer.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Protocol

from seqline.errors import SeqlineError
from seqline.server.limits import Limits
from seqline.types import Demand, Search, Searcher, Translation

Answer = list[list[Translation]]
"""Of each line, its translations, best first."""


class FullError(SeqlineError):
    """As many lines wait as may, or more."""


class ClosedError(SeqlineError):
    """The model takes no more lines."""


class FailedError(SeqlineError):
    """The model could not translate the lines."""


class Stoppable(Searcher, Protocol):
    """A searcher that can be stopped at work."""

    def search(
        self,
        lines: Sequence[str],
        search: Search,
        demands: Sequence[Demand] = (),
        *,
        align: bool = False,
        is_wanted: Callable[[], bool] = ...,
    ) -> list[list[Translation]]:
        """As :meth:`Searcher.search`; ``is_wanted`` is asked from time to time.

        Raises:
            CancelledError: it is wanted no more.
        """


@dataclass(frozen=True)
class Options:
    """What jobs must share to be translated together."""

    beam: int
    nbest: int
    align: bool

    @property
    def rows(self) -> int:
        """Hypotheses of each line at each step."""
        return max(self.beam, self.nbest)


@dataclass(frozen=True)
class _Job:
    lines: Sequence[str]
    options: Options
    future: "Future[Answer]" = field(default_factory=Future)

    @property
    def num_characters(self) -> int:
        """As :attr:`Limits.batch_characters` counts them."""
        return self.options.rows * sum(map(len, self.lines))


class Batcher:
    """A searcher behind a queue.

    Args:
        searcher: what translates; called by ``workers`` threads at once.
        workers: one more than the searcher has threads keeps these busy while a batch is cut into pieces.
        limits: of what waits, and of what is translated in one call.
    """

    def __init__(self, searcher: Stoppable, *, workers: int, limits: Limits) -> None:
        self._searcher, self._limits = searcher, limits
        self._jobs: deque[_Job] = deque()
        self._num_waiting, self._is_closed = 0, False
        self._changed = Condition()
        self._workers = [Thread(target=self._work, name="translate", daemon=True) for _ in range(workers)]
        for worker in self._workers:
            worker.start()

    @property
    def num_waiting(self) -> int:
        """Lines that wait."""
        return self._num_waiting

    def submit(self, lines: Sequence[str], options: Options) -> "list[Future[Answer]]":
        """Futures of the lines' translations, in order, each for a batch at most. All are taken, or none.

        One that is cancelled gives up its place; a batch at work that is left without any stops.

        Raises:
            FullError: too many wait.
            ClosedError: :meth:`close` was called.
        """
        jobs = [_Job(part, options) for part in self._parts(lines, options.rows)]
        with self._changed:
            if self._is_closed:
                raise ClosedError("this model takes no more lines")
            if self._num_waiting >= self._limits.waiting_lines:
                raise FullError(f"{self._num_waiting} lines wait already")
            self._jobs.extend(jobs)
            self._num_waiting += len(lines)
            self._changed.notify(len(jobs))
        return [job.future for job in jobs]

    def close(self) -> None:
        """Take no more, translate what waits, and end the workers."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()

    def _parts(self, lines: Sequence[str], rows: int) -> Iterator[Sequence[str]]:
        """The lines, a batch at a time."""
        begin = num_characters = 0
        for end, line in enumerate(lines):
            num_characters += rows * len(line)
            if end - begin == self._limits.batch_lines or (
                end > begin and num_characters > self._limits.batch_characters
            ):
                yield lines[begin:end]
                begin, num_characters = end, rows * len(line)
        if begin < len(lines):
            yield lines[begin:]

    def _work(self) -> None:
        while jobs := self._take():
            self._translate(jobs)

    def _take(self) -> list[_Job]:
        """The oldest job and others of its options, in their order; none when all is done and closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._is_closed)
            taken: list[_Job] = []
            others: list[_Job] = []
            lines, characters = self._limits.batch_lines, self._limits.batch_characters
            while self._jobs and lines:
                job = self._jobs.popleft()
                fits = len(job.lines) <= lines and job.num_characters <= characters
                if taken and (job.options != taken[0].options or not fits):
                    others.append(job)
                else:
                    taken.append(job)
                    lines, characters = lines - len(job.lines), characters - job.num_characters
            self._jobs.extendleft(reversed(others))
            self._num_waiting -= self._limits.batch_lines - lines
            return taken

    def _translate(self, jobs: Sequence[_Job]) -> None:
        """All together; where that fails, one by one, so that nobody's lines fail for another's."""
        if not (jobs := [job for job in jobs if not job.future.cancelled()]):
            return
        try:
            self._search(jobs)
        except CancelledError:
            return
        except Exception as error:  # a thread that died would leave its requests waiting
            if len(jobs) > 1:
                for job in jobs:
                    self._translate([job])
                return
            with suppress(InvalidStateError):
                jobs[0].future.set_exception(FailedError(f"the model failed: {error!r:.300}"))

    def _search(self, jobs: Sequence[_Job]) -> None:
        options = jobs[0].options
        found = self._searcher.search(
            [line for job in jobs for line in job.lines],
            Search(beam=options.rows, nbest=options.nbest),
            align=options.align,
            is_wanted=lambda: not all(job.future.cancelled() for job in jobs),
        )
        begin = 0
        for job in jobs:
            with suppress(InvalidStateError):  # given up meanwhile
                job.future.set_result(found[begin : begin + len(job.lines)])
            begin += len(job.lines)

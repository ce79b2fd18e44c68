"""Lines of many requests, translated together.

Jobs wait in one bounded queue. A worker takes the oldest, and with it as many of the same options as fit, and
translates them in one call; meanwhile the next ones gather. Batches grow with the load, and nobody waits for a timer.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread

from seqline.errors import SeqlineError
from seqline.types import Search, Searcher, Translation

Answer = list[list[Translation]]
"""Of each line, its translations, best first."""


class FullError(SeqlineError):
    """As many lines wait as may, or more."""


class ClosedError(SeqlineError):
    """The model takes no more lines."""


@dataclass(frozen=True)
class Options:
    """What jobs must share to be translated together."""

    beam: int
    nbest: int
    align: bool


@dataclass(frozen=True)
class _Job:
    lines: Sequence[str]
    options: Options
    future: "Future[Answer]" = field(default_factory=Future)


class Batcher:
    """A searcher behind a queue.

    Args:
        searcher: what translates; called by ``workers`` threads at once.
        workers: one more than the searcher has threads keeps these busy while a batch is cut into pieces.
        batch_lines: the most lines that are translated in one call.
        waiting_lines: while so many wait, no more are taken.
    """

    def __init__(self, searcher: Searcher, *, workers: int, batch_lines: int, waiting_lines: int) -> None:
        self._searcher, self._batch_lines, self._waiting_lines = searcher, batch_lines, waiting_lines
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

        One that is cancelled before its turn gives up its place.

        Raises:
            FullError: too many wait.
            ClosedError: :meth:`close` was called.
        """
        size = self._batch_lines
        jobs = [_Job(lines[begin : begin + size], options) for begin in range(0, len(lines), size)]
        with self._changed:
            if self._is_closed:
                raise ClosedError("this model takes no more lines")
            if self._num_waiting >= self._waiting_lines:
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

    def _work(self) -> None:
        while jobs := self._take():
            if wanted := [job for job in jobs if job.future.set_running_or_notify_cancel()]:
                self._translate(wanted)

    def _take(self) -> list[_Job]:
        """The oldest job and others of its options, in their order; none when all is done and closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._is_closed)
            taken: list[_Job] = []
            others: list[_Job] = []
            room = self._batch_lines
            while self._jobs and room:
                job = self._jobs.popleft()
                if taken and (job.options != taken[0].options or len(job.lines) > room):
                    others.append(job)
                else:
                    taken.append(job)
                    room -= len(job.lines)
            self._jobs.extendleft(reversed(others))
            self._num_waiting -= self._batch_lines - room
            return taken

    def _translate(self, jobs: Sequence[_Job]) -> None:
        options = jobs[0].options
        search = Search(beam=max(options.beam, options.nbest), nbest=options.nbest)
        try:
            found = self._searcher.search([line for job in jobs for line in job.lines], search, align=options.align)
        except Exception as error:  # a thread that died would leave its requests waiting
            for job in jobs:
                job.future.set_exception(error)
            return
        begin = 0
        for job in jobs:
            job.future.set_result(found[begin : begin + len(job.lines)])
            begin += len(job.lines)

"""The model that requests go to, and how another takes its place while they come.

The new one is opened before the old one is let go, and the old one finishes what it has taken: no request is lost, and
each is answered by the version that its answer names.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from seqline.server.batcher import Answer, Batcher, ClosedError, Options, Stoppable
from seqline.server.limits import Limits
from seqline.server.priority import BEHIND, behind
from seqline.server.saying import say
from seqline.types import Located


class Deployed(Stoppable, Protocol):
    """A searcher that also tells how it reads a line."""

    def count_pieces(self, lines: Sequence[str]) -> list[tuple[int, int]]:
        """Of each line, its pieces, and those of them that only spell out what the vocabulary does not hold."""


@dataclass(frozen=True)
class _Model:
    located: Located
    deployed: Deployed
    batcher: Batcher


class Served:
    """The present model.

    Args:
        locate: says which model should be served now.
        open_model: opens one.
        threads: cores that it uses.
        limits: bounds of its queue.
        niceness: of its threads.

    Raises:
        SeqlineError: there is none to begin with, or it cannot be opened.
    """

    def __init__(
        self,
        locate: Callable[[], Located],
        open_model: Callable[[Path], Deployed],
        *,
        threads: int,
        limits: Limits,
        niceness: int = BEHIND,
    ) -> None:
        self._locate, self._open_model, self._threads, self._limits = locate, open_model, threads, limits
        self._niceness = niceness
        self._model = self._opened(locate())
        self.num_exchanges, self.failure = 0, ""

    @property
    def located(self) -> Located:
        """The present model."""
        return self._model.located

    @property
    def num_waiting(self) -> int:
        """Lines that wait for it."""
        return self._model.batcher.num_waiting

    def count_pieces(self, lines: Sequence[str]) -> list[tuple[int, int]]:
        """How the present model reads lines: :meth:`Deployed.count_pieces`."""
        return self._model.deployed.count_pieces(lines)

    def submit(self, lines: Sequence[str], options: Options) -> "tuple[Located, list[Future[Answer]]]":
        """Which model will translate the lines, and futures of their translations.

        Raises:
            FullError: too many wait.
        """
        while True:
            model = self._model
            try:
                return model.located, model.batcher.submit(lines, options)
            except ClosedError:
                if model is self._model:
                    raise

    def refresh(self) -> None:
        """Let another model take the place of the present one, if another should be served by now.

        Whatever goes wrong, the present one stays, and ``failure`` says why.
        """
        try:
            located = self._locate()
            if located != self.located:
                old, self._model = self._model, self._opened(located)
                self.num_exchanges += 1
                old.batcher.close()
                say(f"serving {located.version} now, after {old.located.version}")
            self.failure = ""
        except Exception as error:  # whoever looks must not die of it: no later champion would be served
            if str(error) != self.failure:
                say(f"still serving {self.located.version}: {error}")
            self.failure = str(error)

    def close(self) -> None:
        """Translate what waits, and take no more."""
        self._model.batcher.close()

    def _opened(self, located: Located) -> _Model:
        def make() -> _Model:
            deployed = self._open_model(located.folder)
            return _Model(located, deployed, Batcher(deployed, workers=self._threads + 1, limits=self._limits))

        return behind(make, self._niceness)


@contextmanager
def repeated(actions: Sequence[Callable[[], None]], interval_s: float) -> Iterator[None]:
    """Within, do all of this every ``interval_s`` seconds, in a thread; 0: never. What fails is tried again."""
    end = Event()

    def repeat() -> None:
        while not end.wait(interval_s):
            for act in actions:
                try:
                    act()
                except Exception as error:  # nothing would be followed any more, and nobody know of it
                    say(f"{error!r:.300}")

    thread = Thread(target=repeat, name="repeat", daemon=True)
    if interval_s:
        thread.start()
    try:
        yield
    finally:
        end.set()
        if interval_s:
            thread.join()

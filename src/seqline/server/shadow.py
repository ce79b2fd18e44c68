"""A challenger beside the champion: it translates a sample of what comes, and nobody waits for it."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from seqline.server.batcher import Answer, ClosedError, FullError
from seqline.server.exchange import Exchange
from seqline.server.journal import Journal
from seqline.server.limits import Limits
from seqline.server.priority import LAST
from seqline.server.saying import say
from seqline.server.served import Deployed, Served
from seqline.types import Located

_WAITING_LINES = 256


class Shadow:
    """Tells a journal how another model translates a share of the requests; see :func:`seqline.feedback.compared`.

    Args:
        locate: says which model that is. Until it can, nothing is done, nor where it names the one that answers; when
            it cannot any more, the last one stays.
        open_model: opens one.
        journal: gets both translations of every line, with the line.
        share: of the requests, drawn by ``seed``.
    """

    def __init__(
        self,
        locate: Callable[[], Located],
        open_model: Callable[[Path], Deployed],
        journal: Journal,
        *,
        share: float,
        seed: int = 1,
    ) -> None:
        self._locate, self._open_model, self._journal, self._share = locate, open_model, journal, share
        self._random, self._served = random.Random(seed), None  # type: tuple[random.Random, Served | None]
        self.num_skipped, self._failure = 0, ""
        self.refresh()

    @property
    def located(self) -> Located | None:
        """The challenger; None: there is none."""
        return self._served.located if self._served else None

    def __call__(self, exchange: Exchange) -> None:
        """Have it translate the lines of an exchange too, or not."""
        served = self._served
        if served is None or self._random.random() >= self._share:
            return
        if served.located.content_hash == exchange.located.content_hash:
            return
        try:
            located, futures = served.submit(exchange.lines, exchange.options)
        except (FullError, ClosedError):
            self.num_skipped += 1
            return
        self._journal.add(lambda: _records(exchange, located, [line for one in futures for line in one.result()]))

    def refresh(self) -> None:
        """Look for another challenger."""
        if self._served:
            self._served.refresh()
            return
        try:
            self._served = Served(
                self._locate,
                self._open_model,
                threads=1,
                limits=Limits(waiting_lines=_WAITING_LINES),
                niceness=LAST,
            )
        except Exception as error:  # none yet, or one that cannot be opened: the next look may find another
            if str(error) != self._failure:
                say(f"no challenger: {error}")
            self._failure = str(error)

    def close(self) -> None:
        """Finish what was begun."""
        if self._served:
            self._served.close()
        self._journal.close()
        if self.num_skipped:
            say(f"{self.num_skipped} requests had no room in the challenger's queue")


def _records(exchange: Exchange, located: Located, answer: Answer) -> Iterator[dict[str, Any]]:
    for line, old, new in zip(exchange.lines, exchange.answer, answer, strict=True):
        yield {
            "source": line,
            "champion": {"version": exchange.located.version, "text": old[0].text, "score": round(old[0].score, 4)},
            "challenger": {"version": located.version, "text": new[0].text, "score": round(new[0].score, 4)},
        }

"""One progress display for several files at once: bytes of all of them, whose sizes become known as they begin."""

import threading
from functools import partial

from seqline.fetching.transfer import Watch
from seqline.progress import Advance

UNIT = "kB"
_UNIT_BYTES = 1000


class Meter:
    """Adds up what is told of each file.

    Bytes that an earlier run had brought do not count, so that the rate is this run's; a file that starts over
    takes back what it had told.
    """

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._guard = threading.Lock()
        self._begun: dict[str, int] = {}
        self._come: dict[str, int] = {}
        self._totals: dict[str, int] = {}

    def watch(self, url: str) -> Watch:
        """Where one file tells how far it is."""
        return partial(self._tell, url)

    def _tell(self, url: str, size: int, total: int | None) -> None:
        with self._guard:
            begun = self._begun[url] = min(size, self._begun.get(url, size))
            more = size - begun - self._come.get(url, 0)
            self._come[url] = size - begun
            self._totals[url] = max(total or 0, size) - begun
            self._advance(more / _UNIT_BYTES, url.rpartition("/")[2][:40], sum(self._totals.values()) / _UNIT_BYTES)

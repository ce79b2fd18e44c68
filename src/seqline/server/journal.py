"""JSON lines, a file a day, by a thread that nobody waits for.

What comes faster than it can be written is counted and let go, and so is what a day's file has no room for; files of
days long past are deleted. A kill may tear the last line; who reads leaves it out.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any

from seqline.server.saying import say

Records = Iterable[Mapping[str, Any]]
_WAITING = 2000
_FORGET_S = 3600.0
_END: Callable[[], Records] | None = None


class Journal:
    """``FOLDER/YYYY-MM-DD.jsonl`` in UTC, readable by its owner alone.

    Args:
        folder: made where it is not there.
        keep_days: today and the days before it whose files are kept.
        day_bytes: the most that is written in a day.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, folder: Path, *, keep_days: int, day_bytes: int = 256 << 20) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._keep_days, self._day_bytes = folder, keep_days, day_bytes
        self._forgotten: date | None = None
        self._queue: Queue[Callable[[], Records] | None] = Queue(_WAITING)
        self.num_lost, self._failure = 0, ""
        self._thread = Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def add(self, make: Callable[[], Records]) -> None:
        """Write what ``make`` gives, which is called by the journal's thread; or let it go, if too much waits."""
        try:
            self._queue.put_nowait(make)
        except Full:
            self.num_lost += 1
            self._say(f"{self._folder}: more comes than can be written; what is too much is let go")

    def close(self) -> None:
        """Write what waits, and end."""
        self._queue.put(_END)
        self._thread.join()
        if self.num_lost:
            self._say(f"{self._folder}: in all {self.num_lost} not noted")

    def _work(self) -> None:
        is_open = True
        while is_open:
            self._forget()
            makes = self._next()
            is_open = _END not in makes
            made = [records for make in makes if make and (records := self._made(make))]
            try:
                self._write(made)
            except OSError as error:  # a full disk, say; what comes later may find room again
                self._lose(len(made), str(error))

    def _next(self) -> "list[Callable[[], Records] | None]":
        """All that waits, as soon as something does; nothing after an hour, in which a day may have ended."""
        try:
            return [self._queue.get(timeout=_FORGET_S), *self._waiting()]
        except Empty:
            return []

    def _made(self, make: Callable[[], Records]) -> bytes:
        try:
            return b"".join(map(_line, make()))
        except Exception as error:  # of one request; the others are noted all the same
            self._lose(1, str(error))
            return b""

    def _lose(self, requests: int, reason: str) -> None:
        self.num_lost += requests
        self._say(f"{self._folder}: not written: {reason}")

    def _waiting(self) -> "Iterator[Callable[[], Records] | None]":
        try:
            while True:
                yield self._queue.get_nowait()
        except Empty:
            return

    def _write(self, made: list[bytes]) -> None:
        path = self._folder / f"{datetime.now(UTC).date()}.jsonl"
        path.touch(mode=0o600)
        with path.open("a+b") as file:
            if file.tell() and not _ends_a_line(path):
                file.write(b"\n")  # what a kill tore stays alone
            for number, lines in enumerate(made):
                if file.tell() + len(lines) > self._day_bytes:
                    self._lose(len(made) - number, f"the file of a day holds {self._day_bytes:,} bytes at most")
                    return
                file.write(lines)

    def _forget(self) -> None:
        """Delete what is too old, once a day."""
        today = datetime.now(UTC).date()
        if today == self._forgotten:
            return
        since = str(today - timedelta(days=self._keep_days - 1))
        for path in self._folder.glob("????-??-??.jsonl"):
            if path.stem < since:
                with suppress(OSError):
                    path.unlink()
        self._forgotten = today

    def _say(self, line: str) -> None:
        if line != self._failure:
            say(line)
        self._failure = line


def read(folder: Path, days: int, *, with_today: bool = True) -> Iterator[dict[str, Any]]:
    """The records of so many days up to today, or up to yesterday, oldest first; torn lines are left out."""
    last = datetime.now(UTC).date() - timedelta(days=0 if with_today else 1)
    since = last - timedelta(days=days - 1)
    for path in sorted(folder.glob("????-??-??.jsonl")):
        if not str(since) <= path.stem <= str(last):
            continue
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record


def _line(record: Mapping[str, Any]) -> bytes:
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"at": stamp, **record}, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"

"""JSON lines, a file a day, by a thread that nobody waits for.

A journal is bounded in every direction: what comes faster than it can be written is counted and let go, and files of
days long past are deleted. A kill may tear the last line; who reads leaves it out.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any

Records = Iterable[Mapping[str, Any]]
_WAITING = 2000
_END: Callable[[], Records] | None = None


class Journal:
    """``FOLDER/YYYY-MM-DD.jsonl`` in UTC, readable by its owner alone.

    Args:
        folder: made where it is not there.
        keep_days: files of earlier days are deleted.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, folder: Path, *, keep_days: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._keep_days = folder, keep_days
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
            makes = [self._queue.get(), *self._waiting()]
            is_open = _END not in makes
            made = [records for make in makes if make and (records := self._made(make))]
            try:
                self._write([record for records in made for record in records])
            except OSError as error:  # a full disk, say; what comes later may find room again
                self._lose(len(made), error)

    def _made(self, make: Callable[[], Records]) -> list[Mapping[str, Any]]:
        try:
            return list(make())
        except Exception as error:  # of one request; the others are noted all the same
            self._lose(1, error)
            return []

    def _lose(self, requests: int, error: Exception) -> None:
        self.num_lost += requests
        self._say(f"{self._folder}: not written: {error}")

    def _waiting(self) -> "Iterator[Callable[[], Records] | None]":
        try:
            while True:
                yield self._queue.get_nowait()
        except Empty:
            return

    def _write(self, records: list[Mapping[str, Any]]) -> None:
        now = datetime.now(UTC)
        path = self._folder / f"{now.date()}.jsonl"
        if not path.exists():
            path.touch(mode=0o600)
            self._forget(now.date())
        stamp = now.isoformat(timespec="seconds")
        with path.open("a+b") as file:
            if file.tell() and not _ends_a_line(path):
                file.write(b"\n")  # what a kill tore stays alone
            for record in records:
                file.write(json.dumps({"at": stamp, **record}, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def _forget(self, today: date) -> None:
        for path in self._folder.glob("????-??-??.jsonl"):
            if path.stem < str(today - timedelta(days=self._keep_days)):
                path.unlink()

    def _say(self, line: str) -> None:
        if line != self._failure:
            print(f"seqline: {line}", file=sys.stderr, flush=True)
        self._failure = line


def read(folder: Path, days: int) -> Iterator[dict[str, Any]]:
    """The records of today and the ``days - 1`` days before it, oldest first; torn lines are left out."""
    since = str(datetime.now(UTC).date() - timedelta(days=days - 1))
    for path in sorted(folder.glob("????-??-??.jsonl")):
        if path.stem < since:
            continue
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"

"""Target tokens per second over a steady window, counted alike for all: real target positions, each EOS included."""

import json
import time
from pathlib import Path

from peers.task import Task


class Meter:
    """Counts updates; ends the process after the window, with what it saw in ``speed.json``."""

    def __init__(self, task: Task) -> None:
        self._seconds, self._skipped = task.seconds, task.skipped
        self._target = Path(task.folder) / "speed.json"
        self._updates = self._tokens = 0
        self._begin = self._cpu = 0.0

    def count(self, tokens: int) -> None:
        """One update over so many tokens more; the window begins and ends between two updates."""
        self._updates += 1
        self._tokens += tokens
        now = time.perf_counter()
        if self._updates == self._skipped:
            self._begin, self._cpu, self._tokens = now, time.process_time(), 0
        if self._updates > self._skipped:
            passed = now - self._begin
            if self._seconds and passed >= self._seconds:
                self._write(passed)
                raise SystemExit(0)

    def finish(self) -> None:
        """A training that ended by itself."""
        self._write(time.perf_counter() - self._begin)

    def _write(self, passed: float) -> None:
        updates = self._updates - self._skipped
        content = {
            "updates": updates,
            "tokens": self._tokens,
            "seconds": passed,
            "cpu_s": time.process_time() - self._cpu,
            "tokens_per_s": self._tokens / passed,
            "tokens_per_update": self._tokens / max(updates, 1),
        }
        self._target.write_text(json.dumps(content, indent=1), encoding="utf-8")

"""How much memory a piece of work takes, the processes that it starts included."""

import threading
from types import TracebackType

import psutil  # type: ignore[import-untyped]

_INTERVAL_S = 0.2


class PeakMemory:
    """The most that a process and its children hold at once, looked at five times a second while the block runs.

    ``num_bytes`` adds up resident sets, so that what processes share (their libraries) counts for each of them. Without
    ``pid`` it is this process.
    """

    def __init__(self, pid: int | None = None) -> None:
        self.num_bytes = 0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        try:
            root = psutil.Process(self._pid)
            while True:
                self.num_bytes = max(self.num_bytes, sum(map(_resident, [root, *root.children(recursive=True)])))
                if self._done.wait(_INTERVAL_S):
                    return
        except psutil.NoSuchProcess:
            return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0

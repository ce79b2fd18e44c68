"""Which processes are alive. A zombie is not: where nobody reaps, as in many containers, it stays for ever."""

import os
import signal
from collections.abc import Iterator


def born_s(pid: int) -> float | None:
    """When a live process was started (seconds since the epoch); None where there is none."""
    import psutil  # type: ignore[import-untyped]

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return None


def group_members(group: int) -> Iterator[int]:
    """The live processes of a process group."""
    import psutil

    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == group and born_s(pid) is not None:
                yield pid
        except (ProcessLookupError, PermissionError):
            continue


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return

"""A command that dies with whoever started it: ``python -m seqline.adapters.leash COMMAND…``

A signal to DVC alone orphans the stage that it runs, which goes on writing; a killed parent orphans both. So each
command runs below this small process, in a session of its own. When the parent closes the pipe that is our stdin,
by intent or by dying, or when the command itself is killed, the whole group is ended: SIGINT first, so that locks
are released, then SIGTERM, then SIGKILL.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from seqline.adapters import processes

GRACE_S = ((signal.SIGINT, 5.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0))
_END_S = sum(grace_s for _, grace_s in GRACE_S) + 5.0
_POLL_S = 0.05
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], keep: Sequence[int] = ()
) -> "subprocess.Popen[bytes]":
    """Start a command on a leash; its stdout and stderr are pipes.

    ``keep`` are file descriptors that stay open until the whole group is gone: a lock held through one of them
    outlives a killed parent exactly as long as what the parent had started.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "seqline.adapters.leash", *command],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        pass_fds=tuple(keep),
    )


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a leashed command with all that it started, and wait until it is gone. Ending twice does nothing."""
    _close(process.stdin)
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main(command: Sequence[str]) -> int:
    """Run a command to its end, or to ours; the exit code is the command's, 128 + N where signal N ended it."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_default_signals)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    code = child.wait()
    _end_group()
    return code if code >= 0 else 128 - code


def _default_signals() -> None:
    # A parent in the background leaves SIGINT ignored, and ignored signals are inherited.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    _end_group()


def _end_group() -> None:
    """Signal the group until nobody but us is left."""
    for number, grace_s in GRACE_S:
        members = _members()
        for pid in members:
            processes.send(pid, number)
        deadline = time.monotonic() + grace_s
        while members and time.monotonic() < deadline:
            time.sleep(_POLL_S)
            members = _members()
        if not members:
            return


def _members() -> list[int]:
    return [pid for pid in processes.group_members(os.getpgrp()) if pid != os.getpid()]


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with contextlib.suppress(BrokenPipeError):
            stream.close()


if __name__ == "__main__":
    code = main(sys.argv[1:])
    os._exit(code)  # the thread may sit in a read that an orderly exit would wait for

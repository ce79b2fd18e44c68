"""Whether a run still holds its project: a number that grows with every acquisition of the lock (a fencing token).

A lock alone is not enough. A run that was stopped in its tracks (SIGSTOP, a suspended machine) knows nothing of
somebody who removed its lock and started another; woken, it would go on where it stood. So what must happen only
while the project is held happens inside :func:`held`, which compares the run's own number with the one on disk.
Both, and raising the number, stand under one lock of the kernel: a run that was stopped in the very middle cannot be
overtaken there.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from seqline.errors import ArtifactError, BusyError, MissingError
from seqline.files import read_json, try_lock, write_json

_WAIT_S = 30.0
_POLL_S = 0.05


@dataclass(frozen=True)
class Lease:
    """One run's hold on a project: its number, a key that no other run has, and the lock's own file descriptor."""

    state: Path
    token: int
    key: str
    descriptor: int

    def check(self) -> None:
        """Raise where a later run has taken the project.

        Raises:
            BusyError: it has; the message names both.
        """
        present = _read(self.state)
        if present.get("key") != self.key:
            other = f"run {present['token']}, process {present['pid']}" if present else "nobody: its record is gone"
            raise BusyError(f"this run ({self.token}) lost the project to a later one ({other}); it may go no further")


def raised(state: Path, descriptor: int) -> Lease:
    """The lease of a run that has just locked the project: one more than the last.

    Raises:
        BusyError: a run is moving aliases at this moment, or was stopped while it did.
    """
    with _locked(state):
        lease = Lease(state, int(_read(state).get("token", 0)) + 1, uuid4().hex, descriptor)
        write_json(state / "fence.json", {"token": lease.token, "key": lease.key, "pid": os.getpid()})
    return lease


@contextmanager
def held(state: Path, lease: Lease | None) -> Iterator[None]:
    """Do something that only one may do at a time; with a lease, only while it is still the last one.

    Raises:
        BusyError: the lease was lost, or another process has been at it for too long.
    """
    with _locked(state):
        if lease is not None:
            lease.check()
        yield


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    state.mkdir(parents=True, exist_ok=True)
    with (state / "fence.lock").open("a") as stream:
        deadline = time.monotonic() + _WAIT_S
        while not try_lock(stream):
            if time.monotonic() > deadline:
                last = _read(state).get("pid", "unknown")
                raise BusyError(
                    f"another run (process {last}) is promoting here and does not go on; continue or end it"
                )
            time.sleep(_POLL_S)
        yield


def _read(state: Path) -> dict[str, Any]:
    """The last lease; empty where there is none, or none that can be read: then nobody holds the project."""
    try:
        content = read_json(state / "fence.json")
    except (ArtifactError, MissingError):
        return {}
    return content if isinstance(content, dict) and {"token", "key", "pid"} <= content.keys() else {}

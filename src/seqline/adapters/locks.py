"""One run at a time, and the repair of what a killed run left torn."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from seqline.adapters import fencing, processes
from seqline.adapters.fencing import Lease
from seqline.errors import BusyError
from seqline.files import try_lock

_WAIT_FOR_DEAD_S = 30.0
_POLL_S = 0.2


@contextlib.contextmanager
def run_lock(state: Path, wait_s: float = 0.0) -> Iterator[Lease]:
    """Hold a project for one run; yields the lease, whose file descriptor is the lock's.

    Where another run holds it, this waits ``wait_s`` seconds at most. The kernel holds the lock, so a killed run
    cannot leave it behind. Where the holder is dead but what it had started is still being ended (see
    :mod:`seqline.adapters.leash`), this waits, too. A person may remove the file to take the project from a run that
    was stopped: see :mod:`seqline.adapters.fencing` for what that run may still do.

    Raises:
        BusyError: another run holds it, still; the message names its process.
    """
    state.mkdir(parents=True, exist_ok=True)
    with _locked(state / "run.lock", wait_s) as stream:
        stream.seek(0)
        stream.truncate()
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield fencing.raised(state, stream.fileno())


@contextlib.contextmanager
def _locked(path: Path, wait_s: float) -> Iterator[IO[str]]:
    deadline = time.monotonic() + wait_s
    while True:
        with path.open("a+", encoding="ascii") as stream:
            _acquire(stream, deadline)
            if path.exists() and path.stat().st_ino == os.fstat(stream.fileno()).st_ino:
                yield stream
                return
        # Removed between opening and locking: what is locked is no longer the file that others see.


def ensure_free(state: Path) -> None:
    """Check at once, before anything slow, that no other run holds the project.

    Raises:
        BusyError: another run holds it.
    """
    path = state / "run.lock"
    if path.exists():
        with path.open("a+", encoding="ascii") as stream:
            _acquire(stream, time.monotonic())


def _acquire(stream: IO[str], deadline: float) -> None:
    dead_by = time.monotonic() + _WAIT_FOR_DEAD_S
    while not try_lock(stream):
        stream.seek(0)
        holder = stream.read().strip()
        if time.monotonic() > (deadline if _alive(holder) else max(deadline, dead_by)):
            who = f"process {holder}" if holder else "just started"
            raise BusyError(f"another run is at work here ({who}); wait for it or stop it")
        time.sleep(_POLL_S)


def _alive(pid: str) -> bool:
    # Just locked and not written yet: alive.
    return not pid.isdigit() or processes.born_s(int(pid)) is not None


def heal(root: Path) -> list[str]:
    """Repair DVC's own files after a kill; says in plain sentences what was repaired.

    DVC rewrites ``rwlock`` and ``dvc.lock`` in place: a kill in that moment leaves a file that it refuses to read
    for ever. Both can be done without: the first holds only claims of live processes; the results that the second
    listed are found again in DVC's run cache.
    """
    tmp = root / ".dvc" / "tmp"
    said = []
    if (tmp / "rwlock").exists():
        with _guard(tmp / "rwlock.lock") as held:
            said += _heal_rwlock(tmp / "rwlock") if held else []
    lock = root / "dvc.lock"
    if lock.exists() and not _is_lockfile(lock):
        tmp.mkdir(exist_ok=True)
        with _guard(tmp / "lock") as held:
            if held and not _is_lockfile(lock):
                lock.unlink()
                said.append("dvc.lock was torn by a killed run: removed; its results come back from the run cache")
    return said


@contextlib.contextmanager
def _guard(path: Path) -> Iterator[bool]:
    """Hold the lock under which DVC rewrites a file; False where a live DVC is at it."""
    with path.open("a") as stream:
        yield try_lock(stream)


def _heal_rwlock(path: Path) -> list[str]:
    written_s = path.stat().st_mtime
    try:
        claims = json.loads(path.read_bytes())
        write, read = claims.get("write", {}), claims.get("read", {})
        kept_write = {name: info for name, info in write.items() if _is_claimed(info, written_s)}
        kept_read = {name: [info for info in infos if _is_claimed(info, written_s)] for name, infos in read.items()}
    except (ValueError, AttributeError, KeyError, TypeError):
        path.unlink()
        return ["DVC's rwlock was torn by a killed run: removed"]
    if (kept_write, kept_read) == (write, read):
        return []
    kept_read = {name: infos for name, infos in kept_read.items() if infos}
    path.write_text(json.dumps({"write": kept_write, "read": kept_read}), encoding="utf-8")
    return ["DVC's rwlock held claims of dead processes: removed"]


def _is_claimed(info: dict[str, Any], written_s: float) -> bool:
    # DVC asks only whether a process has that number: a zombie, or a later process with the same number, would
    # block for ever. Whoever made the claim was born before it was written.
    born_s = processes.born_s(int(info["pid"]))
    return born_s is not None and born_s <= written_s + 1.0


def _is_lockfile(path: Path) -> bool:
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from voluptuous import Invalid

    try:
        COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except (YAMLError, Invalid, UnicodeDecodeError):
        return False
    return True

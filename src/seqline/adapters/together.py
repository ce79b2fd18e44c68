"""Starts a command several times on this machine, as processes that find each other the way ``torchrun`` arranges it.

Each runs on a leash: where one fails, or this process is killed, all of them end, and nobody is left to wait for a
partner that is gone. For several machines, or restarts without DVC, use ``torchrun`` itself.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from seqline.adapters import leash

_POLL_S = 0.1


def run(command: Sequence[str], count: int, cwd: Path) -> int:
    """Run a command ``count`` times at once, to the end; the exit code is 0, or that of the first one that failed."""
    port = _free_port()
    members = [_start(command, cwd, _environment(rank, count, port)) for rank in range(count)]
    try:
        while True:
            codes = [member.poll() for member in members]
            failed = [code for code in codes if code]
            if failed or None not in codes:
                return failed[0] if failed else 0
            time.sleep(_POLL_S)
    finally:
        for member in members:
            leash.end(member)


def _start(command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "seqline.adapters.leash", *command],
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _environment(rank: int, count: int, port: int) -> dict[str, str]:
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "MASTER_PORT": port}
    return {**os.environ, "MASTER_ADDR": "127.0.0.1", **{name: str(value) for name, value in numbers.items()}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

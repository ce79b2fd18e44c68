"""Which flow runs of a server are dead: those whose process is gone, or that nobody is left to start."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from seqline.adapters import zombies
from seqline.errors import SeqlineError

HOST = socket.gethostname()


@pytest.fixture(scope="module")
def dead() -> str:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return str(process.pid)


def may_live(state: str, pid: str | None, at: str = "", *, alone: bool = True) -> bool:
    run = {"infrastructure_pid": pid, "state_type": state, "state": {"timestamp": at or datetime.now(UTC).isoformat()}}
    return zombies._may_live(run, alone=alone)


@pytest.mark.parametrize("prefix", ["", f"{HOST}:"])
def test_a_run_lives_as_long_as_its_process(prefix: str, dead: str) -> None:
    assert may_live("RUNNING", f"{prefix}{os.getpid()}")
    assert not may_live("RUNNING", f"{prefix}{dead}")
    assert not may_live("PENDING", f"{prefix}{dead}")


def test_a_later_process_with_the_same_number_is_another() -> None:
    assert not may_live("RUNNING", str(os.getpid()), "2001-01-01T00:00:00+00:00")


def test_of_other_machines_nothing_is_known(dead: str) -> None:
    assert may_live("RUNNING", f"another-{HOST}:{dead}")


def test_without_a_process_only_what_has_not_begun_is_dead() -> None:
    assert may_live("RUNNING", None)
    assert not may_live("PENDING", None)


def test_where_other_workers_may_be_one_of_them_starts_what_waits(dead: str) -> None:
    assert may_live("PENDING", None, alone=False)
    assert not may_live("PENDING", f"{HOST}:{dead}", alone=False)


def test_a_server_that_does_not_answer_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SeqlineError, match="runs of dead workers could not be marked as crashed") as caught:
        zombies.sweep(f"http://127.0.0.1:{port}/api", alone=True)
    assert "\n" not in str(caught.value)

"""One run at a time: who may wait for its turn, and for how long."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seqline.adapters import locks
from seqline.errors import BusyError

HOLDER = """\
import sys
from pathlib import Path
from seqline.adapters import locks
with locks.run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(state: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLDER, str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield other


@pytest.mark.parametrize("wait_s", [0.0, 0.5])
def test_who_waits_longer_than_it_may_is_told_who_holds_the_project(tmp_path: Path, wait_s: float) -> None:
    with held_by_another(tmp_path) as other:
        begin = time.monotonic()
        with pytest.raises(BusyError, match=f"process {other.pid}"), locks.run_lock(tmp_path, wait_s):
            pass
        assert wait_s <= time.monotonic() - begin < wait_s + 5


def test_who_may_wait_has_the_project_when_the_other_one_ends(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other:
        threading.Timer(1.0, other.kill).start()
        with locks.run_lock(tmp_path, 60) as lease:
            assert lease.token == 2

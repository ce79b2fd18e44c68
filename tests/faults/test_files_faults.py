"""Fails the n-th call into the file system, for every n until a run completes clean, and kills at every such point."""

import errno
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from failing_disk import failing, no_file_beyond

from seqline import files
from seqline.errors import StageError

_KILLED_WRITER = """
import os, sys
from pathlib import Path
from seqline import files
target, fatal, calls = Path(sys.argv[1]), int(sys.argv[2]), 0
def dying(real):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == fatal:
            os.kill(os.getpid(), 9)
        return real(*args, **kwargs)
    return call
for owner, name in [(os, "replace"), (os, "fsync"), (os, "rmdir"), (os, "unlink"), (Path, "open")]:
    setattr(owner, name, dying(getattr(owner, name)))
with files.staged(target, version=2) as folder:
    (folder / "a").write_text("new a")
    (folder / "b").write_text("new b")
"""


def _make(target: Path, word: str) -> None:
    with files.staged(target, version=word) as folder:
        (folder / "a").write_text(f"{word} a")
        (folder / "b").write_text(f"{word} b")


def _state(target: Path) -> str:
    """Which version stands there: a whole one, or the test fails."""
    version = str(files.verify(target)["version"])
    word = {"2": "new"}.get(version, version)
    assert (target / "a").read_text() == f"{word} a"
    assert (target / "b").read_text() == f"{word} b"
    return word


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_whichever_call_fails_an_output_is_whole_old_or_new(tmp_path: Path, code: int) -> None:
    target, number = tmp_path / "out", 0
    while True:
        number += 1
        _make(target, "old")
        with failing(number, code) as fault, suppress(StageError):
            _make(target, "new")
        if not fault.fired:
            break
        version = _state(target)
        left = {path.name for path in tmp_path.iterdir()} - {"out"}
        # Only removing the replaced output may fail without an error; the next run removes it.
        assert left <= ({".out.previous"} if version == "new" else set()), f"left behind at call {number}"
    assert _state(target) == "new"
    assert number > 10, "the seam was hardly touched: the test has lost its grip"


def test_whichever_call_fails_a_file_is_whole_old_or_new(tmp_path: Path) -> None:
    path, number = tmp_path / "file", 0
    while True:
        number += 1
        files.write_bytes(path, b"old")
        with failing(number, errno.ENOSPC) as fault, suppress(StageError):
            files.write_bytes(path, b"new")
        if not fault.fired:
            break
        assert path.read_bytes() in (b"old", b"new")
        assert [other.name for other in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"new"
    assert number > 4


def test_a_full_disk_is_told_with_the_name_of_what_was_written(tmp_path: Path) -> None:
    with no_file_beyond(1000), pytest.raises(StageError) as caught:
        files.write_bytes(tmp_path / "file", bytes(2000))
    said = "cannot be written (File too large); earlier outputs are as they were: make room, then run again"
    assert str(caught.value) == f"{tmp_path / 'file'}: {said}"
    assert list(tmp_path.iterdir()) == []


def test_other_failures_keep_their_own_words(tmp_path: Path) -> None:
    with failing(1, errno.EACCES), pytest.raises(PermissionError):
        files.write_bytes(tmp_path / "file", b"")


def test_kill_at_every_write_point_leaves_the_old_output_or_the_new_one(tmp_path: Path) -> None:
    target, number, seen = tmp_path / "out", 0, set[str]()
    while True:
        number += 1
        _make(target, "old")
        done = subprocess.run([sys.executable, "-c", _KILLED_WRITER, str(target), str(number)], timeout=30)
        files.heal(target)
        seen.add(_state(target))
        assert [path.name for path in tmp_path.iterdir()] == ["out"]
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert seen == {"old", "new"}
    assert number > 10

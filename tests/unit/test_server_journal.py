import errno
import io
import json
import math
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from seqline.server.journal import _WAITING, Journal, read

TODAY = datetime.now(UTC).date()


def written(folder: Path, *records: dict[str, Any]) -> None:
    journal = Journal(folder, keep_days=3)
    for record in records:
        journal.add(lambda record=record: [record])
    journal.close()


def test_what_is_written_is_read_in_order_with_its_time(tmp_path: Path) -> None:
    written(tmp_path / "log", {"n": 1}, {"n": 2}, {"n": "我"})
    found = list(read(tmp_path / "log", 1))
    assert [one["n"] for one in found] == [1, 2, "我"]
    assert {one["at"][:10] for one in found} == {str(TODAY)}


def test_a_torn_line_is_left_out_and_harms_no_other(tmp_path: Path) -> None:
    written(tmp_path, {"n": 1})
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + b'{"n": 2, "te')
    written(tmp_path, {"n": 3})
    assert [one["n"] for one in read(tmp_path, 1)] == [1, 3]


def test_days_long_past_are_deleted_and_earlier_ones_are_not_read(tmp_path: Path) -> None:
    for days in (1, 2, 3):
        (tmp_path / f"{TODAY - timedelta(days=days)}.jsonl").write_text(json.dumps({"n": days}) + "\n")
    written(tmp_path, {"n": 0})
    assert [one["n"] for one in read(tmp_path, 9)] == [2, 1, 0]
    assert [one["n"] for one in read(tmp_path, 2)] == [1, 0]
    assert [one["n"] for one in read(tmp_path, 1, with_today=False)] == [1]


def test_days_long_past_are_deleted_though_nothing_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqline.server.journal._FORGET_S", 0.05)
    old, recent = (tmp_path / f"{TODAY - timedelta(days=days)}.jsonl" for days in (3, 2))
    for path in (old, recent):
        path.touch()
    journal = Journal(tmp_path, keep_days=3)
    gone(old)
    assert recent.exists()
    journal._forgotten = None  # as after midnight
    old.touch()
    gone(old)
    journal.close()


def gone(path: Path) -> None:
    end = time.monotonic() + 30
    while path.exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_day_has_only_so_much_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(tmp_path, keep_days=1, day_bytes=100)
    for n in range(4):
        journal.add(lambda n=n: [{"n": n}])
    journal.close()
    assert [one["n"] for one in read(tmp_path, 1)] == [0, 1]
    assert journal.num_lost == 2
    assert "the file of a day holds 100 bytes at most" in capsys.readouterr().err


def test_what_is_no_number_costs_its_own_request_and_the_journal_lives(tmp_path: Path) -> None:
    journal = Journal(tmp_path, keep_days=1)
    for score in (-1.0, -math.inf, -2.0):
        journal.add(lambda score=score: [{"score": score}])
    journal.close()
    assert [one["score"] for one in read(tmp_path, 1)] == [-1.0, -2.0]
    assert journal.num_lost == 1


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_and_nobody_to_tell_it_to_end_neither_the_journal_nor_its_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    (tmp_path / f"{TODAY}.jsonl").symlink_to("/dev/full")  # a write to it fails as on a full disk
    journal = Journal(tmp_path, keep_days=1)
    for n in range(2 * _WAITING):
        journal.add(lambda n=n: [{"n": n}])
    journal.close()
    assert journal.num_lost == 2 * _WAITING


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    written(tmp_path / "log", {"n": 1})
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "log").iterdir())


def test_what_comes_too_fast_is_counted_and_nobody_waits(tmp_path: Path) -> None:
    journal, begun, may_go = Journal(tmp_path, keep_days=1), Event(), Event()

    def slow() -> list[dict[str, Any]]:
        begun.set()
        assert may_go.wait(30)
        return [{"n": 0}]

    journal.add(slow)
    assert begun.wait(30)
    for n in range(_WAITING + 7):
        journal.add(lambda n=n: [{"n": n}])
    may_go.set()
    journal.close()
    assert journal.num_lost == 7
    assert sum(1 for _ in read(tmp_path, 1)) == _WAITING + 1


def test_a_request_that_cannot_be_noted_costs_only_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal, may_go = Journal(tmp_path, keep_days=1), Event()

    def slow() -> list[dict[str, Any]]:
        assert may_go.wait(30)
        return [{"n": 0}]

    def fail() -> list[dict[str, Any]]:
        raise RuntimeError("the model is gone")

    for make in (slow, fail, lambda: [{"n": 1}]):  # the last two are taken from the queue together
        journal.add(make)
    may_go.set()
    journal.close()
    assert [one["n"] for one in read(tmp_path, 1)] == [0, 1]
    assert journal.num_lost == 1
    assert capsys.readouterr().err.splitlines() == [
        f"seqline: {tmp_path}: not written: the model is gone",
        f"seqline: {tmp_path}: in all 1 not noted",
    ]


def test_a_fault_is_told_once_and_the_next_records_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(tmp_path, keep_days=1)
    for _ in range(3):
        asked = Event()

        def fail(asked: Event = asked) -> list[dict[str, Any]]:
            asked.set()
            raise OSError("No space left on device")

        journal.add(fail)
        assert asked.wait(30)
    journal.add(lambda: [{"n": 1}])
    journal.close()
    assert capsys.readouterr().err.splitlines() == [
        f"seqline: {tmp_path}: not written: No space left on device",
        f"seqline: {tmp_path}: in all 3 not noted",
    ]
    assert [one["n"] for one in read(tmp_path, 1)] == [1]

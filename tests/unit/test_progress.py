import io
import re
import time

import pytest

from seqline import progress
from seqline.fetching.meter import Meter


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def every_step_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PLAIN_INTERVAL_S", 0.0)


def test_items_pass_through_in_order() -> None:
    assert list(progress.track("abc", "letters", 3)) == ["a", "b", "c"]


def test_without_a_terminal_it_prints_whole_plain_lines(
    every_step_is_shown: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.progress("train", 4, "updates") as advance:
        advance(2, note="loss 3.2")
    out, err = capsys.readouterr()
    assert out == ""
    first, last, end = err.split("\n")
    assert re.fullmatch(r"train: 50%, [\d,]+ updates/s, 0 s, 0 s left  loss 3\.2", first)
    assert last.endswith("done")
    assert end == ""


def test_a_total_that_becomes_known_later_counts_from_then_on(
    every_step_is_shown: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.progress("download", 0, "kB") as advance:
        advance(5, total=20)
        advance(5)
    assert [line.split(",")[0] for line in capsys.readouterr().err.split("\n")[:3]] == [
        "download: 25%", "download: 50%", "download: 50%",
    ]  # fmt: skip


def test_several_downloads_share_one_display_and_one_that_starts_over_takes_its_bytes_back() -> None:
    shown = list[tuple[float, float | None]]()

    def advance(amount: float = 1.0, note: str = "", total: float | None = None) -> None:
        shown.append((amount, total))

    meter = Meter(advance)
    first, resumed = meter.watch("http://a/x"), meter.watch("http://a/y")
    first(1000, 4000)
    resumed(3000, 5000)  # came in an earlier run: not of this one's rate
    resumed(4000, 5000)
    resumed(0, 5000)
    first(4000, 4000)
    assert [amount for amount, _ in shown] == [0.0, 0.0, 1.0, -1.0, 3.0]
    assert [total for _, total in shown] == [3.0, 5.0, 5.0, 8.0, 8.0]


def test_what_an_earlier_run_did_counts_for_the_share_and_not_for_the_rate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.progress("train", 10_000, "update", before=9_000) as advance:
        now[0] = 10.0
        advance(10)
    assert capsys.readouterr().err.split("\n")[0] == "train: 90%, 1 update/s, 10 s, 990 s left"


def test_on_a_terminal_what_an_earlier_run_did_is_not_of_the_rate_either(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, begin = _Terminal(), time.monotonic()
    monkeypatch.setattr("sys.stderr", terminal)
    with progress.progress("train", 10_000_000, "update", before=9_000_000) as advance:
        time.sleep(0.1)
        advance(1)
        elapsed = time.monotonic() - begin
    (rate,) = set(re.findall(r"([\d,]+) update/s", terminal.getvalue()))
    assert 1 / elapsed - 1 <= int(rate.replace(",", "")) <= 10
    assert "90%" in terminal.getvalue()


def test_a_fast_loop_prints_one_line_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert sum(progress.track(range(1000), "quick", 1000)) == 499500
    assert capsys.readouterr().err.count("\n") == 1


def test_nothing_to_do_is_no_division_by_zero(every_step_is_shown: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress.track([], "nothing", 0)) == []
    assert capsys.readouterr().err.startswith("nothing: 100%")


def test_on_a_terminal_it_shows_a_bar_with_rate_and_remaining_time(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with progress.progress("train", 4, "updates") as advance:
        advance(4, note="loss 3.2")
    shown = terminal.getvalue()
    assert "100%" in shown
    assert "updates/s" in shown
    assert "loss 3.2" in shown


@pytest.mark.parametrize("terminal", [True, False])
def test_an_interruption_passes_through(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    monkeypatch.setattr("sys.stderr", _Terminal() if terminal else io.StringIO())
    with pytest.raises(KeyboardInterrupt), progress.progress("train", 4):
        raise KeyboardInterrupt

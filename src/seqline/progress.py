"""Progress of long work: a bar with rate and remaining time on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")
_PLAIN_INTERVAL_S = 10.0


class Advance(Protocol):
    """Tells a progress display that more is done."""

    def __call__(self, amount: float = 1.0, note: str = "", total: float | None = None) -> None:
        """Add ``amount`` to what is done and show ``note`` beside it; ``total``: how much there is, if known better."""


@contextmanager
def progress(description: str, total: float, unit: str = "it", before: float = 0.0) -> Iterator[Advance]:
    """Show how far a piece of work of known size is, on stderr. What was done ``before`` is left out of the rate."""
    with (_bar if sys.stderr.isatty() else _lines)(description, total, unit, before) as advance:
        yield advance


def track(items: Iterable[Item], description: str, total: float, unit: str = "it") -> Iterator[Item]:
    """Yield ``items``, counting each as one of ``total``."""
    with progress(description, total, unit) as advance:
        for item in items:
            yield item
            advance()


def duration(seconds: float) -> str:
    """Seconds as people say them: ``8 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def _bar(description: str, total: float, unit: str, before: float) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as display:
        task = display.add_task(description, total=total, completed=int(before), rate="", note="")
        begin, done = time.monotonic(), before

        def advance(amount: float = 1.0, note: str = "", total: float | None = None) -> None:
            nonlocal done
            done += amount
            rate = (done - before) / max(time.monotonic() - begin, 1e-9)
            display.update(task, completed=done, total=total, rate=f"{rate:,.0f} {unit}/s")
            if note:
                display.update(task, note=note)

        yield advance


@contextmanager
def _lines(description: str, total: float, unit: str, before: float) -> Iterator[Advance]:
    begin = shown = time.monotonic()
    done = before

    def show(note: str) -> None:
        elapsed = time.monotonic() - begin
        rate = (done - before) / max(elapsed, 1e-9)
        left = (whole - done) / rate if rate else 0.0
        share = done / whole if whole else 1.0
        line = f"{description}: {share:.0%}, {rate:,.0f} {unit}/s, {elapsed:.0f} s, {max(left, 0):.0f} s left"
        print(f"{line}  {note}".rstrip(), file=sys.stderr, flush=True)

    whole = total

    def advance(amount: float = 1.0, note: str = "", total: float | None = None) -> None:
        nonlocal done, shown, whole
        done += amount
        whole = whole if total is None else total
        if time.monotonic() - shown >= _PLAIN_INTERVAL_S:
            shown = time.monotonic()
            show(note)

    yield advance
    show("done")

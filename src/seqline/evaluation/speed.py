"""How fast a translator is and what it costs: words per second, latency, memory. Wall-clock time, so not repeatable."""

import math
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqline.errors import InputError
from seqline.evaluation.slices import num_words
from seqline.types import Translator

BATCH_LINES = 32
_WARM_UP_LINES = 8


@dataclass(frozen=True)
class Speed:
    """Figures of one translator on one machine.

    ``words_per_s`` are source words in batches of ``batch`` lines, ``single_words_per_s`` line by line; ``p50_ms`` and
    ``p95_ms`` the latency of single lines; ``peak_rss_mb`` the most memory the process has held, in 10⁶ bytes.
    """

    words_per_s: float
    single_words_per_s: float
    p50_ms: float
    p95_ms: float
    batch: int
    peak_rss_mb: float


def measure(translator: Translator, lines: Sequence[str], *, beam: int, single_lines: int) -> Speed:
    """Time a translator on ``lines``, and on ``single_lines`` of them one by one, after a short warm-up.

    Raises:
        InputError: there are no lines.
    """
    if not lines:
        raise InputError("no lines to measure the speed on")
    translator.translate(lines[:_WARM_UP_LINES], beam=beam)
    translator.translate(lines[:1], beam=beam)
    begin = time.perf_counter()
    for start in range(0, len(lines), BATCH_LINES):
        translator.translate(lines[start : start + BATCH_LINES], beam=beam)
    seconds = time.perf_counter() - begin
    singles = spread(lines, single_lines)
    latencies_ms = [_latency_ms(translator, line, beam) for line in singles]
    p50, p95 = np.percentile(latencies_ms, (50, 95))
    return Speed(
        words_per_s=_significant(_num_words(lines) / seconds),
        single_words_per_s=_significant(_num_words(singles) * 1000 / sum(latencies_ms)),
        p50_ms=_significant(p50),
        p95_ms=_significant(p95),
        batch=BATCH_LINES,
        peak_rss_mb=peak_rss_mb(),
    )


def spread(lines: Sequence[str], count: int) -> list[str]:
    """At most ``count`` of the lines, evenly spaced, in order."""
    return [lines[row] for row in spread_rows(len(lines), count)]


def spread_rows(size: int, count: int) -> list[int]:
    """At most ``count`` of the numbers 0 … size − 1, evenly spaced, in order."""
    return [step * size // count for step in range(count)] if count < size else list(range(size))


def peak_rss_mb() -> float:
    """The most memory this process has held, in 10⁶ bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would tell the parent's peak where that was higher: exec inherits it
        line = next(line for line in status.read_text().split("\n") if line.startswith("VmHWM"))
        return round(int(line.split()[1]) * 1024 / 1e6, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def _num_words(lines: Sequence[str]) -> int:
    return sum(num_words(line) for line in lines)


def _latency_ms(translator: Translator, line: str, beam: int) -> float:
    begin = time.perf_counter()
    translator.translate([line], beam=beam)
    return (time.perf_counter() - begin) * 1000


def _significant(value: float, digits: int = 3) -> float:
    """Three figures: a timing knows no more."""
    if value <= 0:
        return 0.0
    return round(float(value), digits - 1 - math.floor(math.log10(value)))

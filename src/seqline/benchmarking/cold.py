"""What one line costs when nothing runs yet: a process starts, opens the model, translates and ends."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqline.errors import StageError

# A process that is exec'd inherits the peak of the one that forked it, so a small one stands in between.
_LAUNCHER = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class ColdStart:
    """Seconds from the start of the process to its end, and the most memory it held, in 10⁶ bytes."""

    seconds: float
    peak_rss_mb: float


def cold_start(model: str, line: str, root: Path, rounds: int) -> ColdStart:
    """Translate one line with ``seqline translate`` in the project ``root``; of so many rounds the fastest.

    Raises:
        StageError: it fails.
    """
    translate = [sys.executable, "-m", "seqline", "translate", "--model", model]
    found = [_timed(translate, line, root) for _ in range(rounds)]
    return min(found, key=lambda one: one.seconds)


def _timed(command: Sequence[str], line: str, root: Path) -> ColdStart:
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, *command], cwd=root, input=f"{line}\n", capture_output=True, text=True
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise StageError(f"bench: `seqline translate` failed: {done.stderr.strip() or done.returncode}")
    return ColdStart(round(seconds, 3), round(int(done.stdout) * _MAXRSS_BYTES / 1e6, 1))

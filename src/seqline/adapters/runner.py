"""Runs one stage through DVC, exactly as ``dvc repro`` would, and can end everything that it started."""

import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from seqline.adapters import environment, leash, timings
from seqline.adapters.dvc_graph import Stage
from seqline.errors import InputError, SeqlineError, StageError

Did = Literal["ran", "restored", "unchanged"]
Emit = Callable[[str], None]

_DID: tuple[tuple[str, Did], ...] = (
    ("Running stage '", "ran"),
    (" is cached - skipping run", "restored"),
    (" didn't change, skipping", "unchanged"),
)
_DVC_SAYS = re.compile(
    r"Running stage '|Stage '.*(skipping|is cached)|> |(Updating|Generating) lock file|To track the changes with git"
    r"|\tgit add |To enable auto staging|\tdvc config|Use `dvc push`|WARNING: 'dvc|ERROR: "
    r"|Data and pipelines are up to date"
)
_EXITED = re.compile(r"exited with (-?\d+)$")
_KEPT_LINES = 50
_INPUT_ERROR = 2


@dataclass(frozen=True)
class Outcome:
    """What became of a stage: it ran, DVC restored it from an earlier run, or nothing had changed."""

    stage: str
    did: Did
    seconds: float


@dataclass
class Runner:
    """Runs the stages of one project, several at once if asked from several threads.

    ``keep`` are file descriptors (the run lock's) that stay open until all that was started is gone. ``check`` is
    asked before anything is started: it raises where this run may go no further.
    """

    root: Path
    keep: Sequence[int] = ()
    check: Callable[[], None] = lambda: None
    _live: set["subprocess.Popen[bytes]"] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def run(self, stage: Stage, emit: Emit, *, force: bool = False) -> Outcome:
        """Bring one stage up to date; its own lines go to ``emit`` as they come.

        Where it fails or is interrupted, what it had made before is put back from DVC's cache.

        Raises:
            InputError: the stage exited with 2: what it was given is wrong.
            StageError: it failed, took longer than its time-out, or :meth:`end` was called.
            BusyError: the project was taken by a later run.
        """
        self.check()
        begin = time.monotonic()
        arguments = ["--wait-for-lock", "repro", "--single-item", *(["--force"] if force else []), stage.name]
        process = self._start(arguments)
        said = _Listener(process, emit)
        try:
            timed_out = not _wait(process, stage.timeout_s)
        except BaseException:  # Ctrl-C, where this runs in the main thread
            self._forget(process)
            self._put_back(stage)
            raise
        self._forget(process)
        said.join()
        seconds = time.monotonic() - begin
        if process.returncode == 0:
            outcome = Outcome(stage.name, said.did, seconds)
            if outcome.did == "ran":
                timings.remember(self.root, stage.name, seconds)
            return outcome
        self._put_back(stage)
        raise self._failure(stage, said, timed_out=timed_out)

    def end(self) -> None:
        """End every live stage with all that it started; nothing can be run afterwards."""
        with self._guard:
            self._ended.set()
            live = tuple(self._live)
        threads = [threading.Thread(target=leash.end, args=(process,)) for process in live]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @property
    def ended(self) -> bool:
        """Whether :meth:`end` was called."""
        return self._ended.is_set()

    def _start(self, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        with self._guard:
            if self.ended:
                raise StageError("the run was stopped")
            command = [sys.executable, "-m", "dvc", *arguments]
            process = leash.start(command, cwd=self.root, env=environment.for_stage(self.root), keep=self.keep)
            self._live.add(process)
            return process

    def _forget(self, process: "subprocess.Popen[bytes]") -> None:
        leash.end(process)
        with self._guard:
            self._live.discard(process)

    def _put_back(self, stage: Stage) -> None:
        try:
            self.check()
        except SeqlineError:
            return  # what lies there is a later run's
        # DVC removes a stage's outputs before it runs it. Not on a leash: a second Ctrl-C may cut it short.
        command = [sys.executable, "-m", "dvc", "--wait-for-lock", "checkout", "--quiet", "--force", stage.name]
        subprocess.run(
            command, cwd=self.root, env=environment.for_stage(self.root), capture_output=True, check=False,
            start_new_session=True,
        )  # fmt: skip

    def _failure(self, stage: Stage, said: "_Listener", *, timed_out: bool) -> SeqlineError:
        if timed_out:
            return StageError(f"{stage.name}: given up after {stage.timeout_s:g} s (timeout_s in dvc.yaml)")
        if self.ended:
            return StageError(f"{stage.name}: stopped; its earlier output is as it was")
        message = f"{stage.name}: {said.last_words()}"
        return InputError(message) if said.exit_code == _INPUT_ERROR else StageError(message)


class _Listener:
    """Reads a stage's two streams in threads, passes lines on and keeps what tells how it ended."""

    def __init__(self, process: "subprocess.Popen[bytes]", emit: Emit) -> None:
        self.did: Did = "unchanged"
        self.exit_code: int | None = None
        self._emit = emit
        self._errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._dvc_errors: deque[str] = deque(maxlen=_KEPT_LINES)
        streams = ((process.stdout, self._on_output), (process.stderr, self._on_error))
        self._threads = [threading.Thread(target=_read, args=pair, daemon=True) for pair in streams]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until both streams are at their end; briefly, for a daemon may hold them open."""
        for thread in self._threads:
            thread.join(timeout=5.0)

    def last_words(self) -> str:
        """The stage's own last line on stderr, or DVC's where the stage said nothing."""
        own = self._errors[-1].removeprefix("seqline: ") if self._errors else ""
        dvc = self._dvc_errors[-1].removeprefix("ERROR: ") if self._dvc_errors else ""
        return own or dvc or "failed without a word"

    def _on_output(self, line: str) -> None:
        for mark, did in _DID:
            if mark in line:
                self.did = did
        self._pass_on(line)

    def _on_error(self, line: str) -> None:
        if line.startswith("ERROR: "):
            self._dvc_errors.append(line)
            if found := _EXITED.search(line):
                self.exit_code = int(found.group(1))
        elif line.strip() and not _DVC_SAYS.match(line):
            self._errors.append(line.strip())
        self._pass_on(line)

    def _pass_on(self, line: str) -> None:
        if line.strip() and not _DVC_SAYS.match(line):
            self._emit(line)


def _read(stream: IO[bytes], on_line: Emit) -> None:
    with stream:
        for line in stream:
            on_line(line.decode("utf-8", errors="replace").rstrip("\r\n").rsplit("\r", 1)[-1])


def _wait(process: "subprocess.Popen[bytes]", timeout_s: float | None) -> bool:
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        leash.end(process)
        return False
    return True

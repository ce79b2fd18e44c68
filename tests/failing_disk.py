"""A disk that fails at the n-th call into the file system, or holds no file beyond a size."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SEAM = [(os, "replace"), (os, "fsync"), (os, "open"), (Path, "open"), (Path, "mkdir")]


class Fault:
    """Raises at the n-th call through the seam; ``fired`` says whether there were so many."""

    def __init__(self, number: int, code: int) -> None:
        self.left, self.code, self.fired = number, code, False

    def wrap(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            self.left -= 1
            if self.left == 0:
                self.fired = True
                raise OSError(self.code, os.strerror(self.code))
            return real(*args, **kwargs)

        return call


@contextmanager
def failing(number: int, code: int) -> Iterator[Fault]:
    """Fail the n-th call within the block."""
    fault = Fault(number, code)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in SEAM:
            patch.setattr(owner, name, fault.wrap(getattr(owner, name)))
        yield fault


@contextmanager
def no_file_beyond(size_bytes: int) -> Iterator[None]:
    """As on a disk that is nearly full: writing on fails, wherever the process writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)

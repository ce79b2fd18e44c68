"""A request that was answered, for whoever learns from what comes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seqline.server.batcher import Answer, Options
from seqline.types import Located


@dataclass(frozen=True)
class Exchange:
    """Who answered, what was asked and answered, and how long it took."""

    located: Located
    lines: Sequence[str]
    options: Options
    answer: Answer
    seconds: float


Observer = Callable[[Exchange], None]
"""Told of every exchange, on the server's loop: it must return at once, and must not raise."""

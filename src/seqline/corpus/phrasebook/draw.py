"""Choosing fillers, and remembering which ones make up a sentence's composition."""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar


class Word(Protocol):
    """Anything with an English form."""

    @property
    def en(self) -> str:
        """The English that names it."""


T = TypeVar("T")
W = TypeVar("W", bound=Word)


class Draw:
    """Draws the fillers of one sentence; the *main* ones, in order, are its composition."""

    def __init__(self, random: Random):
        self._random = random
        self._main: list[str] = []

    @property
    def composition(self) -> tuple[str, ...]:
        """The English of every main filler drawn so far."""
        return tuple(self._main)

    def main(self, table: Sequence[W]) -> W:
        """Choose a filler that counts as part of the composition."""
        word = self.any(table)
        self._main.append(word.en)
        return word

    def main_number(self, numbers: Sequence[int]) -> int:
        """Choose a number that counts as part of the composition."""
        number = self.any(numbers)
        self._main.append(str(number))
        return number

    def any(self, table: Sequence[T]) -> T:
        """Choose a filler that does not count: the subject, the time, how many."""
        return table[int(self._random.random() * len(table))]

    def other(self, table: Sequence[T], *than: T) -> T:
        """Choose a filler that differs from those already in the sentence."""
        while True:
            word = self.any(table)
            if word not in than:
                return word

    def main_other(self, table: Sequence[W], *than: W) -> W:
        """Choose a main filler that differs from those already in the sentence."""
        word = self.other(table, *than)
        self._main.append(word.en)
        return word

    def chance(self, share: float) -> bool:
        """True with this probability."""
        return self._random.random() < share

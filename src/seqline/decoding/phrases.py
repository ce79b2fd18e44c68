"""Phrases that a translation must hold: lexical constraints, by dynamic beam allocation (Post & Vilar 2018).

A hypothesis that writes a demanded word is nearly always less probable than one that does not, and plain beam search
would never keep it. So the K places of a sentence's beam are shared out among *banks*: bank c holds hypotheses that
have c pieces of the phrases. Candidates are the best continuations overall and, for each hypothesis, every piece that
begins or continues a phrase. The last bank that has a candidate always gets a place, so the most advanced hypothesis
advances at each step, and after as many steps as the phrases have pieces one holds them all. Only such a one may end.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Progress:
    """How far a hypothesis, given by its pieces, has come with the phrases."""

    phrases: tuple[tuple[int, ...], ...]
    pieces: tuple[int, ...]

    @cached_property
    def open(self) -> list[tuple[tuple[int, ...], int]]:
        """The phrases that do not stand there, and how many pieces of each the hypothesis ends with."""
        return [(phrase, self._begun(phrase)) for phrase in self.phrases if not self._holds(phrase)]

    @property
    def is_done(self) -> bool:
        """Whether every phrase stands there."""
        return not self.open

    @cached_property
    def num_met(self) -> int:
        """Pieces of phrases that stand there, and those of the phrase that is furthest begun."""
        missing = sum(len(phrase) for phrase, _ in self.open)
        return sum(map(len, self.phrases)) - missing + max((begun for _, begun in self.open), default=0)

    def next_pieces(self) -> set[int]:
        """Pieces that begin or continue a phrase."""
        return {phrase[begun] for phrase, begun in self.open} | {phrase[0] for phrase, _ in self.open}

    def after(self, piece: int) -> "Progress":
        """The progress with one more piece."""
        return Progress(self.phrases, (*self.pieces, piece))

    def _holds(self, phrase: tuple[int, ...]) -> bool:
        last = len(self.pieces) - len(phrase)
        return any(self.pieces[begin : begin + len(phrase)] == phrase for begin in range(last + 1))

    def _begun(self, phrase: tuple[int, ...]) -> int:
        longest = min(len(phrase) - 1, len(self.pieces))
        return next((n for n in range(longest, 0, -1) if self.pieces[-n:] == phrase[:n]), 0)


@dataclass(frozen=True)
class Candidate:
    """Row ``row`` of a sentence continued by ``piece``; ``num_met`` pieces of its phrases stand then."""

    total: float
    row: int
    piece: int
    num_met: int


def allocated(candidates: Iterable[Candidate], beam: int, num_banks: int) -> list[Candidate]:
    """The ``beam`` candidates that stay: the most advanced first, the most probable first within a bank.

    Each bank gets an equal share, the last one also what is left over; places that a bank cannot fill go to the
    most advanced candidates that are left.
    """
    banks: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=lambda candidate: -candidate.total):
        banks[candidate.num_met].append(candidate)
    order = sorted(banks, reverse=True)
    share = max(1, beam // num_banks)
    chosen = [candidate for number in order for candidate in banks[number][:share]][:beam]
    spare = [candidate for number in order for candidate in banks[number][share:]]
    return _ranked([*chosen, *spare[: beam - len(chosen)]])


def _ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: (-candidate.num_met, -candidate.total))

"""What ``seqline translate`` was asked for: how to search, what the translations must hold, what to print."""

import re
from dataclasses import dataclass
from pathlib import Path

from seqline.errors import CorpusError, InputError, MissingError
from seqline.serving.alignment import CJK
from seqline.types import Demand, Sampling, Search

_WORD = re.compile(rf"[{CJK}]|[^\W{CJK}]+")


@dataclass(frozen=True)
class Term:
    """Where a line has the words of ``source``, its translation must have ``target``."""

    source: str
    target: str


@dataclass(frozen=True)
class Asked:
    """A whole request."""

    search: Search
    prefix: str = ""
    phrases: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    scores: bool = False
    align: bool = False

    def demands(self, lines: list[str]) -> list[Demand]:
        """What each line's translation must hold; empty where nothing is demanded of any."""
        if not (self.prefix or self.phrases or self.terms):
            return []
        return [Demand(self.prefix, (*self.phrases, *self._targets(line))) for line in lines]

    def _targets(self, line: str) -> list[str]:
        words = _WORD.findall(line)
        return list(dict.fromkeys(term.target for term in self.terms if _holds(words, _WORD.findall(term.source))))


def sampling_of(
    sample: bool, temperature: float | None, top_k: int | None, top_p: float | None, seed: int | None
) -> Sampling | None:
    """How to draw, or None.

    Raises:
        InputError: a number for sampling without ``--sample``, or out of its range.
    """
    given = {"--temperature": temperature, "--top-k": top_k, "--top-p": top_p, "--seed": seed}
    if sample:
        return Sampling(1.0 if temperature is None else temperature, top_k or 0, 1.0 if top_p is None else top_p, seed)
    for name, value in given.items():
        if value is not None:
            raise InputError(f"{name} says how to sample; add --sample, or leave it out")
    return None


def read_terms(path: Path) -> tuple[Term, ...]:
    """Read a term list: a source phrase, a tab, its translation; empty lines are skipped.

    Raises:
        MissingError: no such file.
        CorpusError: a line is not of that form, or not UTF-8.
    """
    if not path.is_file():
        raise MissingError(f"{path}: no such file")
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 at byte {error.start + 1}") from None
    terms = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 2 or not all(cells):
            raise CorpusError(f"{path}: line {number}: not a source phrase, a tab and its translation")
        terms.append(Term(*cells))
    return tuple(terms)


def _holds(words: list[str], phrase: list[str]) -> bool:
    return bool(phrase) and any(
        words[begin : begin + len(phrase)] == phrase for begin in range(len(words) - len(phrase) + 1)
    )

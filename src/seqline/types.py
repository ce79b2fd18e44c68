"""The nouns that floors pass to each other, and the protocols that adapters implement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from seqline.errors import InputError


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sentence pair was read: a corpus and the number of its line, counted from 1."""

    corpus: str
    line: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A source sentence, its translation, and where they stood."""

    source: str
    target: str
    origin: Origin


Alignment = tuple[tuple[int, int], ...]
"""Pairs of a source word and a target word that belong together, counted from 0."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A hypothesis as text, its score (by default its log-probability per piece), and its alignment, if asked for."""

    text: str
    score: float
    alignment: Alignment = ()

    @property
    def pharaoh(self) -> str:
        """The alignment as aligners write it: ``0-0 1-2``, source word, target word."""
        return " ".join(f"{source}-{target}" for source, target in self.alignment)


@dataclass(frozen=True, slots=True)
class Sampling:
    """Draw pieces at random instead of searching for the best.

    The probabilities are sharpened (``temperature`` below 1) or flattened; then only the ``top_k`` most probable pieces
    stay (0: all; Fan et al. 2018), then the fewest whose probabilities add up to ``top_p`` (Holtzman et al. 2020). What
    is drawn is a function of ``seed`` (None: 1) and the line, where the translator can promise that.

    Raises:
        InputError: a number is out of its range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        _require(self.temperature > 0, f"a temperature of {self.temperature:g}: it must be above 0")
        _require(self.top_k >= 0, f"top-k of {self.top_k}: it must be 1 or more, or 0 for all pieces")
        _require(0 < self.top_p <= 1, f"top-p of {self.top_p:g}: it must be above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class Search:
    """How translations are searched for.

    A hypothesis of n pieces, EOS counted, scores log P / n^``length_penalty`` (the α of Wu et al. 2016, without their
    offset of 5), plus ``coverage_penalty`` · Σ over source pieces of log min(attention it got, 1) (their β).

    Attributes:
        beam: hypotheses kept at each step; 1 is greedy.
        nbest: hypotheses given; ``sampling`` draws so many.
        groups: parts of the beam that are made to differ (Vijayakumar et al. 2018): while a group chooses, a piece
            loses ``diversity`` for each choice of it by an earlier group at the same position. Scores are without that.
        min_length: pieces that must come before the end.
        no_repeat_ngram: no n pieces in a row occur twice; 0 allows repetition.
        sampling: draw instead; ``beam``, ``groups`` and ``diversity`` mean nothing then.

    Raises:
        InputError: a number is out of its range, or does not go with another.
    """

    beam: int = 4
    nbest: int = 1
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    groups: int = 1
    diversity: float = 0.5
    min_length: int = 0
    no_repeat_ngram: int = 0
    sampling: Sampling | None = None

    def __post_init__(self) -> None:
        for name in ("beam", "nbest", "groups"):
            _require(getattr(self, name) >= 1, f"{name} of {getattr(self, name)}: it must be 1 or more")
        for name in ("length_penalty", "coverage_penalty", "diversity", "min_length", "no_repeat_ngram"):
            _require(getattr(self, name) >= 0, f"{name} of {getattr(self, name):g}: it must not be negative")
        if self.sampling is None:
            _require(
                self.nbest <= self.beam,
                f"nbest {self.nbest} is more than beam {self.beam}: a beam holds no more hypotheses than its size",
            )
            _require(
                self.beam % self.groups == 0, f"a beam of {self.beam} cannot be parted into {self.groups} equal groups"
            )


@dataclass(frozen=True, slots=True)
class Demand:
    """What the translation of a line must hold: how it begins, and phrases that occur in it, in any order."""

    prefix: str = ""
    phrases: tuple[str, ...] = ()


class Translator(Protocol):
    """Anything that translates lines: a torch model, a CTranslate2 bundle, a registered version."""

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """One list of at most ``nbest`` translations per line, best first, in the order of the lines."""


class Searcher(Translator, Protocol):
    """A translator with every option of a search that it has."""

    def search(
        self, lines: Sequence[str], search: Search, demands: Sequence[Demand] = (), *, align: bool = False
    ) -> list[list[Translation]]:
        """Translations per line. ``demands`` are per line, or none; ``align`` fills ``Translation.alignment``.

        Raises:
            InputError: this kind of translator has no such option.
        """

    def score(self, sources: Sequence[str], targets: Sequence[str], *, first_line: int = 1) -> list[list[float]]:
        """Log-probabilities of each target's pieces and of its end, in the order of the pairs.

        Raises:
            MismatchError: the counts differ.
            InputError: a line is too long for the model; lines are counted from ``first_line``.
        """


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise InputError(message)


class Tracker(Protocol):
    """Receives what a stage measures while it runs."""

    def params(self, values: Mapping[str, Any]) -> None:
        """Keep the settings of the run."""

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Keep figures measured at a step (an update)."""


class NoTracker:
    """A tracker that keeps nothing."""

    def params(self, values: Mapping[str, Any]) -> None:
        """Ignore the settings."""

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Ignore the figures."""


@dataclass(frozen=True)
class Version:
    """A registered model version.

    ``tags`` hold what was recorded with it (content hash, decision, …); ``metrics`` its scores.
    """

    name: str
    number: int
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Located:
    """A model: what it is called (a registered version is ``NAME/NUMBER``), what it holds, where it lies."""

    version: str
    content_hash: str
    folder: Path


class Registry(Protocol):
    """Named, numbered, aliased models. Every call may raise :class:`~seqline.errors.RegistryError`."""

    def register(self, name: str, bundle: Path, facts: "Facts") -> Version:
        """Register a bundle as a new version, or return the version that already has its content hash."""

    def versions(self, name: str) -> list[Version]:
        """All versions, oldest first."""

    def resolve(self, name: str, alias: str) -> Version | None:
        """The version an alias points to, or None."""

    def set_alias(self, name: str, alias: str, number: int) -> None:
        """Point an alias at a version."""

    def remove_alias(self, name: str, alias: str) -> None:
        """Remove an alias; nothing happens where it does not exist."""

    def tag(self, name: str, number: int, tags: Mapping[str, str]) -> None:
        """Add tags to a version."""

    def fetch(self, name: str, number: int, folder: Path) -> Path:
        """Copy a version's bundle into ``folder`` and return where it lies."""

    def retire(self, name: str, number: int) -> None:
        """Remove a version, which must have no alias."""


@dataclass(frozen=True)
class Facts:
    """What is recorded with a registered version besides its files; ``card`` is its model card in Markdown."""

    content_hash: str
    metrics: Mapping[str, float]
    params: Mapping[str, Any]
    lineage: Mapping[str, Any]
    example: str
    card: str = ""

"""The nouns that floors pass to each other, and the protocols that adapters implement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


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


@dataclass(frozen=True, slots=True)
class Translation:
    """A hypothesis as text, and its log-probability divided by its length in pieces."""

    text: str
    score: float


class Translator(Protocol):
    """Anything that translates lines: a torch model, a CTranslate2 bundle, a registered version."""

    def translate(self, lines: Sequence[str], *, beam: int = 4, nbest: int = 1) -> list[list[Translation]]:
        """One list of at most ``nbest`` translations per line, best first, in the order of the lines."""


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


@dataclass(frozen=True)
class Facts:
    """What is recorded with a registered version besides its files."""

    content_hash: str
    metrics: Mapping[str, float]
    params: Mapping[str, Any]
    lineage: Mapping[str, Any]
    example: str

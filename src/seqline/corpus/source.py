"""A corpus whose files are all here, ready to be read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from seqline.corpus.row import Row
from seqline.params.corpora import Corpus, Part

Splits = Iterator[tuple[Part, Iterator[Row]]]


@dataclass(frozen=True)
class Origin:
    """Where a corpus is from and on which terms; empty: nobody said.

    ``date`` is the day (UTC) of its youngest file, ``bytes`` the size of all its files, ``fetched`` what came from
    each URL: the last hop, day and size.
    """

    licence: str
    url: str
    citation: str = ""
    date: str = ""
    bytes: int = 0
    fetched: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """What ``read`` yields are the splits of a corpus with their pairs, to be consumed in that order.

    ``inputs`` are the SHA-256 sums of its files by the name or URL that the params give; ``origin`` goes into the
    manifest.
    """

    corpus: Corpus
    inputs: dict[str, str]
    origin: Origin
    read: Callable[[], Splits]

"""A corpus whose files are all here, ready to be read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from seqline.corpus.row import Row
from seqline.params.corpora import Corpus, Split

Splits = Iterator[tuple[Split, Iterator[Row]]]


@dataclass(frozen=True)
class Source:
    """What ``read`` yields are the splits of a corpus with their pairs, to be consumed in that order.

    ``inputs`` are the SHA-256 sums of its files by the name or URL that the params give; ``facts`` is what the
    manifest keeps about its origin.
    """

    corpus: Corpus
    inputs: dict[str, str]
    facts: dict[str, Any]
    read: Callable[[], Splits]

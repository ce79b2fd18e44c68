"""Stand-in until the real one is merged: JSON Lines only."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqline.corpus.lines import read_lines
from seqline.corpus.row import Row


def read(
    path: Path, languages: tuple[str, str], format: str | None = None, keys: Sequence[str] | None = None  # noqa: A002
) -> Iterator[Row]:
    """Pairs of a JSON Lines file."""
    source, target = keys or languages
    for line, text in enumerate(read_lines(path), 1):
        record = json.loads(text)
        yield Row(line, record[source], record[target])

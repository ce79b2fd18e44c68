"""Tab-separated tables: ``source<TAB>target`` and whatever else on each line."""

from collections.abc import Iterator
from pathlib import Path

from seqline.corpus.lines import read_lines
from seqline.errors import CorpusError


def read(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of every line; columns after the second are ignored.

    Raises:
        CorpusError: a line has no tab; see also :func:`seqline.corpus.lines.read_lines`.
    """
    for line, text in enumerate(read_lines(path), start=1):
        columns = text.split("\t", 2)
        if len(columns) < 2:
            raise CorpusError(f"{path}: line {line} has no tab; expected source<TAB>target on every line")
        yield line, columns[0], columns[1]

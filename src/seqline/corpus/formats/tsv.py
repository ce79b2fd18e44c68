"""Tab-separated tables: by default ``source<TAB>target`` and whatever else on each line."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seqline.corpus.lines import MAX_BAD_SHARE, read_lines
from seqline.errors import CorpusError


def read(path: Path, columns: Sequence[int] = (1, 2)) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of every line; ``columns`` are those of the two, from 1.

    Raises:
        CorpusError: a line has too few columns; see also :func:`seqline.corpus.lines.read_lines`.
    """
    source, target = (column - 1 for column in columns)
    for line, text in enumerate(read_lines(path, MAX_BAD_SHARE), start=1):
        cells = text.split("\t", max(columns))
        if len(cells) < 2:
            raise CorpusError(f"{path}: line {line} has no tab; expected source<TAB>target on every line")
        if len(cells) < max(columns):
            found = f"line {line} has {len(cells)} columns"
            raise CorpusError(f"{path}: {found}; expected {max(columns)} or more on every line")
        yield line, cells[source], cells[target]

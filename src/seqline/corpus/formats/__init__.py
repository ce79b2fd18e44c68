"""Files that hold both sides of a corpus, one module per format; every one may be compressed.

A record that lacks a side, or whose translation is not one (fuzzy, untranslated), keeps its place with an empty side:
cleaning drops it as ``empty``, so that what was read stays what was kept and what was dropped.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from seqline.corpus.formats import jsonl, mo, po, tmx, tsv, xliff
from seqline.corpus.formats.sides import Languages
from seqline.corpus.row import Row
from seqline.errors import CorpusError
from seqline.params.formats import FORMATS, Format, format_of

_LINE_ENDS: Final = re.compile(r"[\r\n]+")


def read(
    path: Path,
    languages: Languages,
    as_format: Format | None = None,
    keys: Sequence[str] | None = None,
    columns: Sequence[int] | None = None,
) -> Iterator[Row]:
    """Yield the pairs of a file; ``line`` is the number of the record (line, unit, message, segment), from 1.

    ``languages`` are the codes of source and target, which some formats name too: ``en`` means ``en-US`` there.
    The file's name tells its format, or ``as_format`` does. ``keys`` are those of the two sides in JSON Lines,
    ``columns`` those in a table, from 1. Line ends within a text become one space; nothing else is altered.

    Raises:
        CorpusError: the file is absent, damaged, of another format than its name says, or not in these languages.
    """
    form = as_format or format_of(path.name)
    if form is None:
        raise CorpusError(f"{path}: its name tells no format; give one of {', '.join(FORMATS)} as its `format:`")
    for line, source, target in _records(path, languages, form, keys, columns):
        yield Row(line, one_line(source), one_line(target))


def one_line(text: str) -> str:
    """A text without line ends: ``two\\nlines`` is ``two lines``. A lone carriage return is no line end here."""
    return _LINE_ENDS.sub(lambda run: " " if "\n" in run[0] else run[0], text)


def _records(
    path: Path, languages: Languages, form: Format, keys: Sequence[str] | None, columns: Sequence[int] | None
) -> Iterator[tuple[int, str, str]]:
    match form:
        case "tsv":
            return tsv.read(path, columns or (1, 2))
        case "jsonl":
            return jsonl.read(path, languages, keys)
        case "tmx":
            return tmx.read(path, languages)
        case "xliff":
            return xliff.read(path, languages)
        case "po":
            return po.read(path, languages)
        case "mo":
            return mo.read(path, languages)

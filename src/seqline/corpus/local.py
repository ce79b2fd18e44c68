"""Files of this machine: two aligned ones or one with both sides (``local``), or of one side (``monolingual``)."""

import glob
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TypeVar

from seqline import files
from seqline.corpus import formats
from seqline.corpus.formats.sides import Languages
from seqline.corpus.lines import MAX_BAD_SHARE, read_lines
from seqline.corpus.row import Row
from seqline.errors import CorpusError, MismatchError
from seqline.params.corpora import Local, Monolingual
from seqline.params.layout import is_pattern

Left = TypeVar("Left")
Right = TypeVar("Right")


def read(corpus: Local, root: Path, languages: Languages, names: Iterable[str] = ()) -> Iterator[Row]:
    """Yield the pairs of a corpus in the order of its files; ``line`` counts lines or records from 1 through all.

    ``languages`` are the project's source and target, by which some formats name their sides. Relative paths start at
    ``root``. ``names`` are the files that a pattern stood for when their sums were taken; none: those of now.

    Raises:
        CorpusError: a file is absent, empty, damaged, not UTF-8 or not in its format, the sides differ in their number
            of lines, or a label is nowhere found.
        MismatchError: a file differs from its pinned sum.
    """
    _check_sums(corpus, root)
    rows = _sides(corpus, root) if corpus.source else _one_file(corpus, root, languages, names)
    yield from rows if corpus.select is None else _select(corpus, rows, root)


def read_monolingual(corpus: Monolingual, root: Path) -> Iterator[Row]:
    """Yield the sentences of a corpus with empty targets, file after file; ``line`` counts from 1 through all of them.

    Raises:
        CorpusError: a file is absent, empty, damaged or not UTF-8.
        MismatchError: a file differs from its pinned sum.
    """
    _check_sums(corpus, root)
    paths = [(root / name).resolve() for name in corpus.files]
    sentences = chain.from_iterable(read_lines(path, MAX_BAD_SHARE) for path in paths)
    for line, sentence in enumerate(sentences, start=1):
        yield Row(line, sentence, "")


def inputs(corpus: Local | Monolingual, root: Path) -> dict[str, Path]:
    """Every file that a corpus reads, in that order: as the params name it, and where it lies.

    A pattern (``incoming/*.tsv``) stands for the files that match it now, by name; hidden ones never do.

    Raises:
        CorpusError: no file matches a pattern.
    """
    names = (match for name in corpus.names() for match in (_matches(name, root) if is_pattern(name) else [name]))
    return {name: (root / name).resolve() for name in names}


def _matches(pattern: str, root: Path) -> list[str]:
    # Not Path.glob: that one finds hidden files, too, and no absolute patterns.
    found = sorted(glob.glob(pattern.replace("[", "[[]"), root_dir=root, recursive=True))  # noqa: PTH207
    if not found:
        raise CorpusError(f"{root / pattern}: no file matches; put one there or correct the pattern under `download:`")
    return found


def _check_sums(corpus: Local | Monolingual, root: Path) -> None:
    known = inputs(corpus, root)
    for name, expected in corpus.sha256.items():
        if not known[name].is_file():
            raise CorpusError(f"{known[name]}: no such file; put it there or correct its path under `download:`")
        found = files.sha256(known[name])
        if found != expected:
            pinned = f"sha256 is {found}, but params.yaml pins {expected}"
            raise MismatchError(f"{known[name]}: {pinned}; restore the file or the pin")


def _sides(corpus: Local, root: Path) -> Iterator[Row]:
    paths = [root / str(corpus.source), root / str(corpus.target)]
    for line, (source, target) in enumerate(_aligned(paths[0], paths[1]), start=1):
        yield Row(line, source, target)


def _one_file(corpus: Local, root: Path, languages: Languages, names: Iterable[str]) -> Iterator[Row]:
    name = str(corpus.table or corpus.file)
    if not is_pattern(name):
        yield from _rows(corpus, (root / name).resolve(), languages)
        return
    last = 0
    for matched in names or inputs(corpus, root):
        before = last
        for row in _rows(corpus, (root / matched).resolve(), languages):
            last = before + row.line
            yield row._replace(line=last)


def _rows(corpus: Local, path: Path, languages: Languages) -> Iterator[Row]:
    own = (corpus.languages[0], corpus.languages[1]) if corpus.languages else languages
    return formats.read(path, own, corpus.file_format, corpus.keys, corpus.columns)


def _select(corpus: Local, rows: Iterator[Row], root: Path) -> Iterator[Row]:
    assert corpus.select is not None
    wanted, found = set(corpus.select.values), set[str]()
    path, other = root / corpus.select.file, root / str(corpus.table or corpus.file or corpus.source)
    for row, label in _zip_exactly(rows, read_lines(path.resolve()), other.resolve(), path.resolve()):
        found.add(label)
        if label in wanted:
            yield row
    if absent := sorted(wanted - found):
        seen = ", ".join(sorted(found)[:20])
        raise CorpusError(f"{path.resolve()}: no line is labelled {', '.join(absent)}; labels found: {seen}")


def _aligned(left: Path, right: Path) -> Iterator[tuple[str, str]]:
    left, right = left.resolve(), right.resolve()
    yield from _zip_exactly(read_lines(left, MAX_BAD_SHARE), read_lines(right, MAX_BAD_SHARE), left, right)


def _zip_exactly(
    left: Iterator[Left], right: Iterator[Right], left_path: Path, right_path: Path
) -> Iterator[tuple[Left, Right]]:
    """Pair two streams; where one ends first, count the other to its end and name both counts."""
    pairs = 0
    while True:
        one, other = next(left, None), next(right, None)
        if one is None or other is None:
            break
        pairs += 1
        yield one, other
    if one is None and other is None:
        return
    counts = (pairs + _rest(one, left), pairs + _rest(other, right))
    raise CorpusError(
        f"{left_path} has {counts[0]} lines but {right_path} has {counts[1]}; "
        "aligned files have one line per pair, so they must agree"
    )


def _rest(item: object, stream: Iterator[object]) -> int:
    return 0 if item is None else 1 + sum(1 for _ in stream)

"""Pairs from the files of a `url` corpus, once they are here."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from seqline.corpus import archives, local
from seqline.corpus.row import Row
from seqline.errors import CorpusError
from seqline.params.corpora import Local
from seqline.params.layout import Selection
from seqline.params.remote import Url

_LICENCE = "LICENSE"
_MAX_LICENCE = 200


def read(corpus: Url, files: Mapping[str, Path], languages: tuple[str, str], scratch: Path) -> Iterator[Row]:
    """Yield the pairs of a corpus whose files lie where ``files`` says, by URL.

    Members of an archive are unpacked into ``scratch``, which is removed when the last pair was taken.

    Raises:
        CorpusError: see :func:`seqline.corpus.local.read`; or the archive is refused, or lacks a member.
    """
    with _at_hand(corpus, files, scratch) as here:
        yield from local.read(_as_local(corpus, here), Path(), languages)


def licence(archive: Path, scratch: Path) -> str:
    """The first line of the licence that an archive brings; nothing where it brings none."""
    if _LICENCE not in archives.members(archive):
        return ""
    with _unpacked(archive, [_LICENCE], scratch) as here:
        text = here[_LICENCE].read_text(encoding="utf-8", errors="replace")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return next((line[:_MAX_LICENCE] for line in lines if line), "")


@contextmanager
def _at_hand(corpus: Url, files: Mapping[str, Path], scratch: Path) -> Iterator[Mapping[str, Path]]:
    if corpus.archive is None:
        yield files
    else:
        with _unpacked(files[corpus.archive], corpus.names(), scratch) as here:
            yield here


@contextmanager
def _unpacked(archive: Path, patterns: Sequence[str], scratch: Path) -> Iterator[dict[str, Path]]:
    names = archives.members(archive)
    wanted = {pattern: _member(archive, names, pattern) for pattern in patterns}
    shutil.rmtree(scratch, ignore_errors=True)  # of a run that was killed
    scratch.mkdir(parents=True)
    try:
        found = archives.unpack(archive, set(wanted.values()), scratch)
        yield {pattern: found[name] for pattern, name in wanted.items()}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _member(archive: Path, names: Sequence[str], pattern: str) -> str:
    found = [pattern] if pattern in names else [name for name in names if fnmatchcase(name, pattern)]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(found[:5] if found else names[:20]) or "nothing"
    what = f"matches {len(found)} members ({shown})" if found else f"matches no member; it holds {shown}"
    raise CorpusError(f"{archive}: {pattern} {what}; correct the name under `download:`")


def _as_local(corpus: Url, here: Mapping[str, Path]) -> Local:
    """The same corpus with the places of its files in the stead of their names."""

    def place(name: str | None) -> str | None:
        return None if name is None else str(here[name].resolve())

    select = corpus.select and Selection(file=str(here[corpus.select.file].resolve()), values=corpus.select.values)
    return Local(
        kind="local",
        name=corpus.name,
        split=corpus.split,
        source=place(corpus.source),
        target=place(corpus.target),
        table=place(corpus.table),
        file=place(corpus.file),
        format=corpus.file_format if corpus.file else None,
        columns=corpus.columns,
        keys=corpus.keys,
        languages=corpus.languages,
        select=select,
    )

"""Every kind of corpus behind one interface, and what tells whether its files changed since they were read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqline import files
from seqline.corpus import local
from seqline.corpus.row import Row
from seqline.errors import CorpusError, MissingError
from seqline.params.corpora import Corpus, Download, Generated, Split, splits
from seqline.workspace import Workspace


def read(corpus: Corpus, root: Path, languages: tuple[str, str]) -> Iterator[tuple[Split, Iterator[Row]]]:
    """Yield each split that a corpus brings with its pairs, to be consumed in that order.

    ``languages`` are the project's source and target.

    Raises:
        CorpusError: see :func:`seqline.corpus.local.read`.
    """
    if isinstance(corpus, Generated):
        from seqline.corpus.phrasebook import generate

        rows = generate(corpus)
        yield from ((split, iter(rows[split])) for split in splits(corpus))
    else:
        yield corpus.split, local.read(corpus, root, languages)


def fingerprint(corpus: Corpus, root: Path) -> dict[str, str]:
    """SHA-256 of each file that a corpus reads, by the path that the params give; empty for a generated one.

    Raises:
        CorpusError: a file is absent.
    """
    if isinstance(corpus, Generated):
        return {}
    sums = {}
    for name, path in local.inputs(corpus, root).items():
        if not path.is_file():
            raise CorpusError(f"{path}: no such file; put it there or correct its path under `download:`")
        sums[name] = files.sha256(path)
    return sums


def changed(download: Download, work: Workspace) -> list[str]:
    """Plain sentences about what differs between the raw data and the corpora they came from; empty: nothing.

    It looks at the bytes of local files, which the graph does not watch.
    """
    try:
        known = files.manifest(work.raw)["corpora"]
    except MissingError:
        return ["no corpus was read yet"]
    before = {(entry["name"], entry["split"]): entry["inputs"] for entry in known}
    now = {(corpus.name, split): corpus for corpus in download.corpora for split in splits(corpus)}
    gone = sorted(before.keys() - now.keys())
    said = [f"{name} ({split}) is no longer among the corpora" for name, split in gone]
    for (name, split), corpus in now.items():
        if (name, split) not in before:
            said.append(f"{name} ({split}) was not read yet")
        else:
            said += [f"{name} ({split}): {what}" for what in _differences(before[name, split], corpus, work.root)]
    return said


def _differences(before: dict[str, Any], corpus: Corpus, root: Path) -> list[str]:
    try:
        now = fingerprint(corpus, root)
    except CorpusError as error:
        return [str(error)]
    if before.keys() != now.keys():
        return ["it reads other files than before"]
    return [f"{name} changed" for name in now if now[name] != before[name]]

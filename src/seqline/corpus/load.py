"""Every kind of corpus behind one interface."""

from collections.abc import Callable
from pathlib import Path

from seqline import files
from seqline.corpus import local
from seqline.corpus.source import Origin, Source, Splits
from seqline.errors import CorpusError
from seqline.params import Params
from seqline.params.corpora import Generated, Local, Monolingual, Remote
from seqline.workspace import Workspace

Tell = Callable[[str], None]


def gather(params: Params, work: Workspace, tell: Tell) -> list[Source]:
    """Every corpus of the ``download`` block in its order, with all its files here and checked.

    ``tell`` gets, in sentences, what is worth knowing although nothing failed.

    Raises:
        CorpusError: a local file is absent.
        SeqlineError: see :func:`seqline.corpus.remote.sources.gather`.
    """
    corpora, languages = list(enumerate(params.download.corpora)), params.project.languages
    ready = {index: _near(one, work.root, languages) for index, one in corpora if not isinstance(one, Remote)}
    remote = {index: corpus for index, corpus in corpora if isinstance(corpus, Remote)}
    if remote:
        from seqline.corpus.remote import sources

        place = sources.Place(work, languages, params.download.network, tell)
        ready |= dict(zip(remote, sources.gather(list(remote.values()), place), strict=True))
    return [ready[index] for index, _ in corpora]


def fingerprint(corpus: Generated | Local | Monolingual, root: Path) -> dict[str, str]:
    """SHA-256 of each file that a corpus reads, by the path that the params give; empty for a generated one.

    Raises:
        CorpusError: a file is absent or cannot be read.
    """
    if isinstance(corpus, Generated):
        return {}
    sums = {}
    for name, path in local.inputs(corpus, root).items():
        if not path.is_file():
            raise CorpusError(f"{path}: no such file; put it there or correct its path under `download:`")
        try:
            sums[name] = files.sha256(path)
        except OSError as error:
            raise CorpusError(f"{path}: cannot be read ({error.strerror})") from None
    return sums


def _near(corpus: Generated | Local | Monolingual, root: Path, languages: tuple[str, str]) -> Source:
    if isinstance(corpus, Generated):
        return Source(corpus, {}, Origin("Apache-2.0", ""), lambda: _generated(corpus))
    sums = fingerprint(corpus, root)
    size = sum((root / name).stat().st_size for name in sums)
    origin = Origin(corpus.licence, corpus.url, corpus.citation, corpus.date, size)

    def read() -> Splits:
        if isinstance(corpus, Monolingual):
            yield "monolingual", local.read_monolingual(corpus, root)
        else:
            yield corpus.split, local.read(corpus, root, languages, sums)

    return Source(corpus, sums, origin, read)


def _generated(corpus: Generated) -> Splits:
    from seqline.corpus.phrasebook import generate

    rows = generate(corpus)
    yield from ((split, iter(pairs)) for split, pairs in rows.items())

"""Safe archives: the whole of a zip or tar is judged before a byte of it is written, and only what is wanted is.

``inventory`` holds the rules, ``zips`` and ``tars`` read the two kinds. What an archive holds decides which it is,
not its name; a tar may be packed by gzip, xz, bzip2 or zstd.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from seqline import files
from seqline.corpus.archives import tars, zips
from seqline.corpus.archives.inventory import Contents, Limits, Member, judged
from seqline.errors import CorpusError

__all__ = ["Limits", "members", "unpack"]

_DEFAULT = Limits()


def members(archive: Path, limits: Limits = _DEFAULT) -> list[str]:
    """The names of an archive's files in its own order, folders left out, once all of it is found harmless.

    Raises:
        CorpusError: the archive is absent, neither zip nor tar, damaged, or refused.
    """
    return [member.name for member in judged(archive, _listed(archive, limits), limits) if not member.is_folder]


def unpack(archive: Path, wanted: Collection[str], into: Path, limits: Limits = _DEFAULT) -> dict[str, Path]:
    """Write the wanted files below ``into``, each whole or not at all, and return where they lie.

    Names are as :func:`members` gives them. The archive is read twice: to judge all of it, then to unpack.

    Raises:
        CorpusError: see :func:`members`; or a wanted file is not in the archive. Nothing is written then.
        StageError: the disk is full, read-only or broken.
    """
    if absent := sorted(set(wanted) - set(found := members(archive, limits))):
        raise CorpusError(f"{archive}: holds no {', '.join(absent)}; it holds {_shown(found)}")
    targets = {name: _target(archive, into, name) for name in wanted}
    with ExitStack() as stack, closing(_contents(archive, targets.keys(), limits)) as contents:
        for name, chunks in contents:
            stream = stack.enter_context(files.writing(targets[name]))
            with closing(chunks):
                stream.writelines(chunks)
        # Every file takes its place only now that the last one is whole.
    return targets


def _listed(archive: Path, limits: Limits) -> Iterator[Member]:
    return zips.listed(archive) if zips.is_zip(archive) else tars.listed(archive, limits)


def _contents(archive: Path, wanted: Collection[str], limits: Limits) -> Contents:
    return zips.contents(archive, wanted) if zips.is_zip(archive) else tars.contents(archive, wanted, limits)


def _target(archive: Path, into: Path, name: str) -> Path:
    target = into / name
    if not target.resolve().is_relative_to(into.resolve()):
        raise CorpusError(f"{archive}: {name} would leave {into} by a link that stands there; remove the link")
    return target


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
    return (", ".join(names[:20]) or "nothing") + more

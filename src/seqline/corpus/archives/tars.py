"""tar archives, plain or compressed, read strictly and only forwards."""

import tarfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tarfile import TarFile, TarInfo
from typing import Final, Self

from seqline.corpus.archives.inventory import Chunks, Contents, Limits, Member
from seqline.corpus.opening import DAMAGED, opened
from seqline.errors import CorpusError

_DAMAGED: Final = (tarfile.TarError, ValueError, OverflowError, IndexError, KeyError, *DAMAGED)
_CHUNK_BYTES = 1 << 20
_OVERHEAD_BYTES = 12 << 10
"""Of headers and padding, for each member."""

_EXTENSIONS: Final = frozenset(
    {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
)
_MAX_EXTENSION_BYTES = 8 << 10
"""tarfile reads such a header whole, and searches it in quadratic time (CVE-2024-6232)."""


def listed(archive: Path, limits: Limits) -> Iterator[Member]:
    """Every member, to the very end: what follows the last one must be zeros, and the compression whole."""
    with _readable(archive, limits) as bundle:
        while (info := bundle.next()) is not None:
            yield Member(info.name, info.size, info.isdir(), _fault(info))
        assert bundle.fileobj is not None
        while rest := bundle.fileobj.read(_CHUNK_BYTES):
            if rest.strip(b"\0"):
                raise tarfile.ReadError("data after its end")


def contents(archive: Path, wanted: Collection[str], limits: Limits) -> Contents:
    """Each wanted member with its bytes, which must be taken before the next one is asked for."""
    left = set(wanted)
    with _readable(archive, limits) as bundle:
        while left and (info := bundle.next()) is not None:
            if (name := Member(info.name).name) in left and info.isreg():
                left.discard(name)
                yield name, _chunks(archive, bundle, info)


class _Strict(TarInfo):
    """A header that is whole: tarfile takes a damaged one, or the end of the file, for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf and not buf.strip(b"\0"):  # the zeros that end an archive
                raise
            raise tarfile.ReadError(str(error)) from None
        if header.size < 0 or (header.type in _EXTENSIONS and header.size > _MAX_EXTENSION_BYTES):
            raise tarfile.ReadError(f"a header declares {header.size:,} bytes")
        return header


@contextmanager
def _readable(archive: Path, limits: Limits) -> Iterator[TarFile]:
    allowed = limits.max_bytes + _OVERHEAD_BYTES * (limits.max_members + 1)
    with (
        opened(archive, allowed, limits.max_ratio) as stream,
        _one_line(archive),
        tarfile.open(fileobj=stream, mode="r|", tarinfo=_Strict, encoding="utf-8") as bundle,
    ):
        yield bundle


def _chunks(archive: Path, bundle: TarFile, info: TarInfo) -> Chunks:
    with _one_line(archive):
        stream = bundle.extractfile(info)
        assert stream is not None
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


@contextmanager
def _one_line(archive: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise CorpusError(f"{archive}: not a zip or tar archive, or a damaged one ({error}); fetch it again") from None


def _fault(info: TarInfo) -> str:
    if info.issparse():
        return "is a sparse file"
    return "" if info.isreg() or info.isdir() else "is a link, a device or a pipe"

"""zip archives: their central directory, and the content of chosen members."""

import lzma
import stat
import struct
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from seqline.corpus.archives.inventory import Chunks, Contents, Member
from seqline.corpus.opening import open_raw
from seqline.errors import CorpusError

# NotImplementedError: a compression that zipfile does not know. The last four escape from it on damaged fields.
_DAMAGED: Final = (
    BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, ValueError,
    OverflowError, IndexError, struct.error,
)  # fmt: skip
_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 0x1 | 0x40


def is_zip(archive: Path) -> bool:
    """Whether a file starts as a zip does; one that is glued to the end of something else is none."""
    with open_raw(archive) as stream:
        return stream.read(4) in (b"PK\3\4", b"PK\5\6")


def listed(archive: Path) -> Iterator[Member]:
    """Every entry of the central directory."""
    with _readable(archive) as bundle:
        for info in bundle.infolist():
            # orig_filename, because zipfile itself ends names at a NUL.
            yield Member(info.orig_filename, info.file_size, info.filename.endswith("/"), _fault(info))


def contents(archive: Path, wanted: Collection[str]) -> Contents:
    """Each wanted member with its bytes, which zipfile cuts at the declared size and checks against their CRC."""
    with _readable(archive) as bundle:
        for info in bundle.infolist():
            if (name := Member(info.filename).name) in wanted and not info.filename.endswith("/"):
                yield name, _chunks(archive, bundle, info)


@contextmanager
def _readable(archive: Path) -> Iterator[ZipFile]:
    try:
        bundle = ZipFile(archive)
    except _DAMAGED as error:
        raise _damaged(archive, error) from None
    with bundle:
        yield bundle


def _chunks(archive: Path, bundle: ZipFile, info: ZipInfo) -> Chunks:
    left = info.file_size
    try:
        with bundle.open(info) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                left -= len(chunk)
                yield chunk
    except _DAMAGED as error:
        raise _damaged(archive, error) from None
    if left:
        raise _damaged(archive, EOFError(f"{info.filename} ends {left:,} bytes early"))


def _fault(info: ZipInfo) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link, a device or a pipe"
    return ""


def _damaged(archive: Path, error: Exception) -> CorpusError:
    return CorpusError(f"{archive}: damaged zip archive ({str(error) or type(error).__name__}); fetch it again")

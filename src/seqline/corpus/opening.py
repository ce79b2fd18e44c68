"""A file's bytes as a stream, whatever compressed them, with a guard against decompression bombs."""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from seqline.errors import CorpusError

DAMAGED: Final = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What reading a damaged file raises; catch it where the place in the file is known."""

MAX_RATIO: Final = 500
"""Text shrinks 3 to 10 times, the same text a hundred times over perhaps 500 times; zeros 1,000 (gzip) to 20,000."""

RATIO_FLOOR_BYTES = 64 << 20
"""What any file may unpack to, however small it is."""

_BUFFER_BYTES = 256 << 10
_XZ_MEMORY_BYTES = 512 << 20
"""A hostile xz file may ask for 4 GiB; `xz -9` needs 65 MiB."""


class _Decoder(Protocol):
    """What ``LZMADecompressor`` and ``BZ2Decompressor`` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


@contextmanager
def opened(path: Path, max_bytes: int | None = None, max_ratio: int = MAX_RATIO) -> Iterator[BinaryIO]:
    """Open a plain, gzip, xz, bzip2 or zstd file; its first bytes decide, whatever the name says.

    A compressed file may unpack to ``max_bytes`` at most, and to ``max_ratio`` times its size once that is more than
    :data:`RATIO_FLOOR_BYTES`. Reading a damaged one raises one of :data:`DAMAGED`.

    Raises:
        CorpusError: the file is absent or cannot be opened, or, while it is read, unpacks to more than it may.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(open_raw(path))
        packed = _decompressor(raw)
        if packed is None:
            yield raw
            return
        allowed = max(RATIO_FLOOR_BYTES, max_ratio * path.stat().st_size)
        guarded = _Guarded(path, stack.enter_context(packed), min(allowed, max_bytes or allowed))
        yield cast(BinaryIO, stack.enter_context(io.BufferedReader(guarded, _BUFFER_BYTES)))


def open_raw(path: Path) -> BinaryIO:
    """Open a file's bytes as they stand on the disk.

    Raises:
        CorpusError: the file is absent or cannot be opened.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file; put it there or correct its path under `download:`") from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from None


def _decompressor(raw: BinaryIO) -> Any:
    """A readable stream of what the file holds; None for a plain one."""
    magic = raw.read(10)
    raw.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if magic.startswith(b"\xfd7zXZ\0"):
        return _Streams(raw, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES))
    if re.match(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", magic):
        return _Streams(raw, bz2.BZ2Decompressor)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        import pyarrow as pa

        # Arrow's reader, because zstandard's takes a file that was cut short for a shorter file.
        return pa.CompressedInputStream(raw, "zstd")
    return None


class _Streams(io.RawIOBase):
    """Compressed streams one after another, each whole; the standard library's readers ignore what follows the first.

    Zero bytes between them are padding.
    """

    def __init__(self, raw: BinaryIO, fresh: Callable[[], _Decoder]) -> None:
        self._raw, self._fresh, self._decoder = raw, fresh, fresh()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            packed = self._packed()
            if packed is None:
                return 0
            if found := self._decoder.decompress(packed, len(buffer)):
                buffer[: len(found)] = found
                return len(found)

    def _packed(self) -> bytes | None:
        """What to decompress next: nothing while the decoder still holds some; None at the end of the file."""
        if not self._decoder.eof:
            if not self._decoder.needs_input:
                return b""
            if more := self._raw.read(_BUFFER_BYTES):
                return more
            raise EOFError("the file ends within a compressed stream")
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest:
            if not (more := self._raw.read(_BUFFER_BYTES)):
                return None
            rest = more.lstrip(b"\0")
        self._decoder = self._fresh()
        return rest


class _Guarded(io.RawIOBase):
    """A decompressing stream that stops at ``limit`` bytes."""

    def __init__(self, path: Path, stream: Any, limit: int) -> None:
        self._path, self._stream, self._left, self._limit = path, stream, limit, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = int(self._stream.readinto(buffer))
        self._left -= count
        if self._left < 0:
            size = f"{self._path.stat().st_size:,} bytes unpack to more than {self._limit:,}"
            raise CorpusError(f"{self._path}: {size}, so it is refused as a decompression bomb")
        return count

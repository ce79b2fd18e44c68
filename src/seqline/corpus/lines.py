"""Lines of a text file: plain, gzip or zstd, read as a stream, one bounded line at a time.

Only ``\\n`` ends a line. A carriage return before it is dropped (CRLF); a lone one, U+2028, U+0085, VT and FS are
text, because splitting there shifts the two sides of a corpus against each other.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from seqline.errors import CorpusError

MAX_LINE_BYTES = 16 << 20
"""A longer line means that the file is not one sentence per line; reading it whole would fill the memory."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DAMAGED = (OSError, EOFError, zlib.error)


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file without their ends; a byte-order mark at the start is dropped.

    Compression is recognised by the first bytes, whatever the name says.

    Raises:
        CorpusError: the file is absent or empty, its compression is damaged, a line is not UTF-8 or has no end.
    """
    number = 0
    with ExitStack() as stack:
        stream = _open(path, stack)
        while line := _readline(stream, path, number + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(_UTF8_MARK)
            yield _decode(line.removesuffix(b"\n").removesuffix(b"\r"), path, number)
    if number == 0:
        raise CorpusError(f"{path}: the file is empty; a corpus file holds one sentence per line")


def _open(path: Path, stack: ExitStack) -> BinaryIO:
    try:
        raw = stack.enter_context(path.open("rb"))
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file; put it there or correct its path under `download:`") from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from None
    magic = raw.read(4)
    raw.seek(0)
    if magic.startswith(_GZIP):
        return cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw)))
    if magic == _ZSTD:
        # Arrow's reader, because zstandard's takes a file that was cut short for a shorter file.
        reader = stack.enter_context(pa.CompressedInputStream(raw, "zstd"))
        return cast(BinaryIO, stack.enter_context(io.BufferedReader(reader)))
    return raw


def _readline(stream: BinaryIO, path: Path, number: int) -> bytes:
    try:
        line = stream.readline(MAX_LINE_BYTES + 1)
    except _DAMAGED as error:
        raise CorpusError(f"{path}: damaged near line {number} ({error}); fetch it again") from None
    if len(line) > MAX_LINE_BYTES:
        limit = f"{MAX_LINE_BYTES >> 20} MiB"
        raise CorpusError(f"{path}: line {number} is longer than {limit}; expected one sentence per line")
    return line


def _decode(line: bytes, path: Path, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        utf16 = number == 1 and line.startswith(_UTF16_MARKS)
        found = "the file looks like UTF-16" if utf16 else f"byte 0x{line[error.start]:02x} at byte {error.start + 1}"
        raise CorpusError(f"{path}: line {number} is not UTF-8 ({found}); convert the file to UTF-8") from None

"""Lines of a text file, plain or compressed, read as a stream, one bounded line at a time.

Only ``\\n`` ends a line. A carriage return before it is dropped (CRLF); a lone one, U+2028, U+0085, VT and FS are
text, because splitting there shifts the two sides of a corpus against each other.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from seqline.corpus.opening import DAMAGED, opened
from seqline.errors import CorpusError

MAX_LINE_BYTES = 16 << 20
"""A longer line means that the file is not one sentence per line; reading it whole would fill the memory."""

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file without their ends; a byte-order mark at the start is dropped.

    gzip, xz, bzip2 and zstd are recognised by the first bytes, whatever the name says.

    Raises:
        CorpusError: the file is absent or empty, its compression is damaged or a bomb, a line is not UTF-8 or has no
            end.
    """
    number = 0
    with opened(path) as stream:
        while line := _readline(stream, path, number + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(_UTF8_MARK)
            yield _decode(line.removesuffix(b"\n").removesuffix(b"\r"), path, number)
    if number == 0:
        raise CorpusError(f"{path}: the file is empty; a corpus file holds one sentence per line")


def _readline(stream: BinaryIO, path: Path, number: int) -> bytes:
    try:
        line = stream.readline(MAX_LINE_BYTES + 1)
    except DAMAGED as error:
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

"""Lines of a text file, plain or compressed, read as a stream, one bounded line at a time.

Only ``\\n`` ends a line. A carriage return before it is dropped (CRLF); a lone one, U+2028, U+0085, VT and FS are
text, because splitting there shifts the two sides of a corpus against each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from seqline.corpus.opening import DAMAGED, opened
from seqline.errors import CorpusError

MAX_LINE_BYTES = 16 << 20
"""A longer line means that the file is not one sentence per line; reading it whole would fill the memory."""

MAX_BAD_SHARE = 0.001
"""One line in a thousand of a large crawled corpus may be damaged; where there are more, the file is not UTF-8."""

_HEAD_START = 100
"""So many bad lines may stand together anywhere before the rest of the file is waited for."""

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_lines(path: Path, max_bad_share: float = 0.0) -> Iterator[str]:
    """Yield the lines of a file without their ends; a byte-order mark at the start is dropped.

    gzip, xz, bzip2 and zstd are recognised by the first bytes, whatever the name says. In a share of the lines, at most
    ``max_bad_share``, bytes that are no UTF-8 become U+FFFD: the line keeps its place, and cleaning drops the pair.

    Raises:
        CorpusError: the file is absent or empty, its compression is damaged or a bomb, more lines are not UTF-8 than
            may be, or one has no end.
    """
    text = _Utf8(path, max_bad_share)
    with opened(path) as stream:
        while line := _readline(stream, path, text.lines + 1):
            if text.lines == 0:
                line = line.removeprefix(_UTF8_MARK)
            yield text.decode(line.removesuffix(b"\n").removesuffix(b"\r"))
    if text.lines == 0:
        raise CorpusError(f"{path}: the file is empty; a corpus file holds one sentence per line")
    text.check()


def _readline(stream: BinaryIO, path: Path, number: int) -> bytes:
    try:
        line = stream.readline(MAX_LINE_BYTES + 1)
    except DAMAGED as error:
        raise CorpusError(f"{path}: damaged near line {number} ({error}); fetch it again") from None
    if len(line) > MAX_LINE_BYTES:
        limit = f"{MAX_LINE_BYTES >> 20} MiB"
        raise CorpusError(f"{path}: line {number} is longer than {limit}; expected one sentence per line")
    return line


@dataclass
class _Utf8:
    """Lines decoded one after the other, and what was wrong with them."""

    path: Path
    max_bad_share: float
    lines: int = 0
    bad: int = 0
    first: str = ""

    def decode(self, line: bytes) -> str:
        self.lines += 1
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            return self._mended(line, error.start)

    def check(self, head_start: int = 0) -> None:
        """Refuse the file where more of it is bad than may be."""
        if self.bad > head_start + self.max_bad_share * self.lines:
            more = f", and so are {self.bad - 1:,} more of {self.lines:,}" if self.bad > 1 else ""
            raise CorpusError(f"{self.path}: {self.first}{more}; convert the file to UTF-8")

    def _mended(self, line: bytes, start: int) -> str:
        self.bad += 1
        utf16 = self.lines == 1 and line.startswith(_UTF16_MARKS)
        found = "the file looks like UTF-16" if utf16 else f"byte 0x{line[start]:02x} at byte {start + 1}"
        self.first = self.first or f"line {self.lines} is not UTF-8 ({found})"
        self.check(0 if utf16 or not self.max_bad_share else _HEAD_START)
        return line.decode("utf-8", "replace")

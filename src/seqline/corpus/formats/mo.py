"""gettext MO: compiled messages, as programs load them. A record is a message; the header is none."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seqline.corpus.formats.messages import Header, Message, header, pairs, turned
from seqline.corpus.formats.sides import Languages
from seqline.corpus.opening import DAMAGED, opened
from seqline.errors import CorpusError

MAX_BYTES = 256 << 20
"""Of a file, unpacked: it is held in memory, because its texts stand in no order."""

_MAGIC: Final = {b"\xde\x12\x04\x95": "<", b"\x95\x04\x12\xde": ">"}


def read(path: Path, languages: Languages) -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of every message, twice the same number where it has a plural.

    Contexts are left out, as are messages with parts that depend on the system (``<PRIu64>``). ``msgid`` is the source
    unless the header's ``Language`` says otherwise.

    Raises:
        CorpusError: the file is absent, damaged, larger than :data:`MAX_BYTES`, not UTF-8 or in another language.
    """
    head, number, swap = Header(), 0, False
    for original, translation in _texts(path, _content(path)):
        if original == "":
            head = header(translation)
            swap = turned(path, head, languages)
            continue
        number += 1
        source, *plural = original.split("\x04", 1)[-1].split("\0")
        for pair in pairs(Message(source, plural[0] if plural else None, translation.split("\0")), head):
            yield (number, pair[1], pair[0]) if swap else (number, *pair)


def _content(path: Path) -> bytes:
    with opened(path, max_bytes=MAX_BYTES) as stream:
        try:
            content = stream.read(MAX_BYTES + 1)
        except DAMAGED as error:
            raise CorpusError(f"{path}: damaged ({error}); fetch it again") from None
    if len(content) > MAX_BYTES:
        raise CorpusError(f"{path}: larger than {MAX_BYTES >> 20} MiB, which no compiled catalogue is")
    return content


def _texts(path: Path, content: bytes) -> Iterator[tuple[str, str]]:
    """Original and translation of every message; the header, the empty original, is sorted to the front."""
    order = _MAGIC.get(content[:4])
    if order is None:
        raise CorpusError(f"{path}: not an MO file (its first bytes are {content[:4].hex() or 'none'})")
    left = len(content)
    try:
        count, originals, translations = struct.unpack_from(f"{order}3I", content, 8)
        for offset in range(0, 8 * count, 8):
            original = _text(content, order, originals + offset)
            translation = _text(content, order, translations + offset)
            left -= len(original) + len(translation)
            if left < 0:  # a bomb: every entry may point at the same long text
                raise struct.error("its texts overlap")
            yield original, translation
    except (struct.error, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: damaged, or not UTF-8 ({error}); fetch it again") from None


def _text(content: bytes, order: str, entry: int) -> str:
    length, start = struct.unpack_from(f"{order}2I", content, entry)
    if start + length > len(content):
        raise struct.error(f"a text of {length:,} bytes at {start:,} is beyond the end")
    return content[start : start + length].decode("utf-8")

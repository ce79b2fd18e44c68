"""Many texts as one array of UTF-8 bytes, which compiled loops walk through character by character."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.compiled import compiled

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """Text ``i`` is ``data[starts[i]:starts[i + 1]]``."""

    data: Bytes
    starts: Places

    @staticmethod
    def of(texts: pl.Series) -> "Texts":
        """The bytes of texts that hold no null."""
        array = texts.to_arrow()
        _, starts, data = array.buffers()
        places = np.frombuffer(starts, np.int64)[array.offset : array.offset + len(array) + 1]
        return Texts(np.frombuffer(data or b"", np.uint8), places)

    def __len__(self) -> int:
        return len(self.starts) - 1


@compiled
def character(data: Bytes, place: int) -> tuple[np.int64, int]:
    """The code point of the character that begins at a place of valid UTF-8, and the place of the next one."""
    first = np.int64(data[place])
    if first < 0x80:
        return first, place + 1
    second = np.int64(data[place + 1] & 0x3F)
    if first < 0xE0:
        return ((first & 0x1F) << 6) | second, place + 2
    third = np.int64(data[place + 2] & 0x3F)
    if first < 0xF0:
        return ((first & 0x0F) << 12) | (second << 6) | third, place + 3
    fourth = np.int64(data[place + 3] & 0x3F)
    return ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth, place + 4


@compiled
def write(code: np.int64, data: Bytes, place: int) -> int:
    """Write a character at a place; the place of the next one."""
    if code < 0x80:
        data[place] = code
        return place + 1
    if code < 0x800:
        data[place] = 0xC0 | (code >> 6)
    elif code < 0x10000:
        data[place] = 0xE0 | (code >> 12)
    else:
        data[place] = 0xF0 | (code >> 18)
        place += 1
        data[place] = 0x80 | ((code >> 12) & 0x3F)
    if code >= 0x800:
        place += 1
        data[place] = 0x80 | ((code >> 6) & 0x3F)
    data[place + 1] = 0x80 | (code & 0x3F)
    return place + 2

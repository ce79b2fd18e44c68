"""Rows of ids of different lengths, kept flat on disk and memory-mapped, so that memory does not grow with a corpus."""

import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint16]
_PART_ROWS = 1 << 16


@dataclass(frozen=True)
class Sequences:
    """``flat`` holds all ids; row *i* is ``flat[starts[i]:starts[i + 1]]``."""

    flat: Ids
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[Sequence[int] | Ids]) -> Self:
        """Pack rows of ids."""
        arrays = [np.asarray(row, dtype=np.uint16) for row in rows]
        starts = np.zeros(len(arrays) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in arrays], out=starts[1:])
        return cls(np.concatenate([np.empty(0, dtype=np.uint16), *arrays]), starts)

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """The rows of all parts, one part after the other, in memory."""
        flats, lengths = [np.empty(0, dtype=np.uint16)], [np.zeros(1, dtype=np.int64)]
        for part in parts:
            flats.append(part.flat)
            lengths.append(part.lengths)
        return cls(np.concatenate(flats), np.cumsum(np.concatenate(lengths)))

    @classmethod
    def open(cls, folder: Path, name: str) -> Self:
        """Map ``NAME.ids.npy`` and ``NAME.starts.npy``."""
        return cls(
            np.load(folder / f"{name}.ids.npy", mmap_mode="r", allow_pickle=False),
            np.load(folder / f"{name}.starts.npy", mmap_mode="r", allow_pickle=False),
        )

    def save(self, folder: Path, name: str) -> None:
        """Write ``NAME.ids.npy`` and ``NAME.starts.npy``."""
        np.save(folder / f"{name}.ids.npy", self.flat, allow_pickle=False)
        np.save(folder / f"{name}.starts.npy", self.starts, allow_pickle=False)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Number of ids of each row."""
        return np.diff(self.starts)

    def part(self, begin: int, end: int) -> "Sequences":
        """Rows ``begin`` to ``end``, copied into memory."""
        starts = np.array(self.starts[begin : end + 1])
        return Sequences(np.array(self.flat[starts[0] : starts[-1]]), starts - starts[0])

    def parts(self) -> Iterator["Sequences"]:
        """All rows, some at a time, copied into memory; what was read is let go of."""
        for begin in range(0, len(self), _PART_ROWS):
            yield self.part(begin, min(begin + _PART_ROWS, len(self)))
        self.release()

    def release(self) -> None:
        """Let go of what was read from a file: else it would count as ours until the machine is short of memory."""
        for array in (self.flat, self.starts):
            if isinstance(array.base, mmap.mmap):
                array.base.madvise(mmap.MADV_DONTNEED)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Ids:
        return self.flat[self.starts[row] : self.starts[row + 1]]


class Spool:
    """Collects rows in a nameless file below a folder; memory holds but 8 bytes a row, the file is gone when we are."""

    def __init__(self, folder: Path) -> None:
        self._stream = TemporaryFile(dir=folder)  # noqa: SIM115 (closed by finish)
        self._lengths = [np.zeros(1, dtype=np.int64)]

    def add(self, rows: Sequences) -> None:
        """Append rows."""
        self._stream.write(rows.flat.tobytes())
        self._lengths.append(rows.lengths)

    def finish(self) -> Sequences:
        """All rows, mapped."""
        with self._stream as stream:
            stream.flush()
            is_empty = stream.tell() == 0
            flat = np.empty(0, dtype=np.uint16) if is_empty else np.memmap(stream, dtype=np.uint16, mode="r")
        return Sequences(flat, np.cumsum(np.concatenate(self._lengths)))

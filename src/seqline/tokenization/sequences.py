"""Rows of ids of different lengths, kept flat on disk and memory-mapped, so that memory does not grow with a corpus."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Sequences:
    """``flat`` holds all ids; row *i* is ``flat[starts[i]:starts[i + 1]]``."""

    flat: Ids
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> Self:
        """Pack rows of ids."""
        arrays = [np.asarray(row, dtype=np.uint16) for row in rows]
        starts = np.zeros(len(arrays) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in arrays], out=starts[1:])
        return cls(np.concatenate([np.empty(0, dtype=np.uint16), *arrays]), starts)

    @classmethod
    def spooled(cls, parts: Iterable[Self], scratch: Path) -> Self:
        """Join parts, one in memory at a time, in a nameless file below ``scratch`` that is gone when we are."""
        lengths = [np.zeros(1, dtype=np.int64)]
        with TemporaryFile(dir=scratch) as stream:
            for part in parts:
                stream.write(part.flat.tobytes())
                lengths.append(part.lengths)
            stream.flush()
            empty = stream.tell() == 0
            flat = np.empty(0, dtype=np.uint16) if empty else np.memmap(stream, dtype=np.uint16, mode="r")
        return cls(flat, np.cumsum(np.concatenate(lengths)))

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

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Ids:
        return self.flat[self.starts[row] : self.starts[row + 1]]

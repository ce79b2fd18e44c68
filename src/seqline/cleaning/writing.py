"""Streams the kept pairs of each split, and the dropped ones, into Parquet files."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

SPLITS: Final = ("train", "dev", "test")
_ORIGIN: Final = {"corpus": pl.String, "line": pl.Int64}
_SIDES: Final = {"source": pl.String, "target": pl.String}
_KEPT: Final = pl.Schema({"id": pl.Int64, **_ORIGIN, **_SIDES})
_REASON: Final = {"rule": pl.String, "value": pl.String}
_REPEATED: Final = ["corpus", "split", "rule"]
_DROPPED: Final = pl.Schema({"corpus": pl.String, "split": pl.String, "line": pl.Int64, **_SIDES, **_REASON})


class Output:
    """``train``, ``dev``, ``test`` and ``dropped.parquet`` in a folder; use it as a context manager.

    ``id`` numbers the pairs of a split from 0.
    """

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._writers = {name: self._open(folder / f"{name}.parquet", _KEPT) for name in SPLITS}
        self._writers["dropped"] = self._open(folder / "dropped.parquet", _DROPPED)
        self._ids = dict.fromkeys(SPLITS, 0)

    def __enter__(self) -> "Output":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def write(self, kept: pl.DataFrame, dropped: pl.DataFrame) -> None:
        """Add the pairs of one shard, in their order."""
        for split in SPLITS:
            part = kept.filter(pl.col("split") == split)
            first = self._ids[split]
            ids = pl.int_range(first, first + len(part), dtype=pl.Int64, eager=True).alias("id")
            self._write(split, part.with_columns(ids), list(_KEPT))
            self._ids[split] += len(part)
        self._write("dropped", dropped, list(_DROPPED))

    def _write(self, name: str, rows: pl.DataFrame, columns: Sequence[str]) -> None:
        if rows.height:
            self._writers[name].write_table(rows.select(columns).to_arrow().cast(self._writers[name].schema))

    def _open(self, path: Path, schema: pl.Schema) -> pq.ParquetWriter:
        arrow: pa.Schema = schema.to_frame().to_arrow().schema
        return self._stack.enter_context(pq.ParquetWriter(path, arrow, compression="zstd", use_dictionary=_REPEATED))

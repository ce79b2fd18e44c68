"""Streams the kept pairs of each split, and the dropped ones, into Parquet files, in a thread of its own."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seqline.cleaning.shards import MONOLINGUAL

SPLITS: Final = ("train", "dev", "test")
_ORIGIN: Final = {"corpus": pl.String, "line": pl.Int64}
_SIDES: Final = {"source": pl.String, "target": pl.String}
_KEPT: Final = pl.Schema({"id": pl.Int64, **_ORIGIN, **_SIDES})
_REASON: Final = {"rule": pl.String, "value": pl.String}
_REPEATED: Final = ["corpus", "split", "rule"]
_DROPPED: Final = pl.Schema({"corpus": pl.String, "split": pl.String, "line": pl.Int64, **_SIDES, **_REASON})


class Output:
    """``train``, ``dev``, ``test`` and ``dropped.parquet`` in a folder, and ``monolingual.parquet`` if asked for.

    Use it as a context manager.

    ``id`` numbers the pairs of a split from 0.
    """

    def __init__(self, folder: Path, *, has_monolingual: bool = False) -> None:
        self._stack = ExitStack()
        self._splits = (*SPLITS, MONOLINGUAL) if has_monolingual else SPLITS
        self._writers = {name: self._open(folder / f"{name}.parquet", _KEPT) for name in self._splits}
        self._writers["dropped"] = self._open(folder / "dropped.parquet", _DROPPED)
        self._ids = dict.fromkeys(self._splits, 0)
        self._thread = self._stack.enter_context(ThreadPoolExecutor(1))
        self._written: Future[None] | None = None

    def __enter__(self) -> "Output":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self._wait()

    def write(self, kept: pl.DataFrame, dropped: pl.DataFrame) -> None:
        """Add the pairs of one shard, in their order; returns when those of the shard before are written."""
        parts = {split: self._numbered(split, kept.filter(pl.col("split") == split)) for split in self._splits}
        tables = {name: self._table(name, rows) for name, rows in {**parts, "dropped": dropped}.items() if rows.height}
        self._wait()
        self._written = self._thread.submit(self._write, tables)

    def _numbered(self, split: str, rows: pl.DataFrame) -> pl.DataFrame:
        first = self._ids[split]
        self._ids[split] += len(rows)
        return rows.with_columns(id=pl.int_range(first, first + len(rows), dtype=pl.Int64, eager=True))

    def _table(self, name: str, rows: pl.DataFrame) -> pa.Table:
        return rows.select(list(_DROPPED if name == "dropped" else _KEPT)).to_arrow().cast(self._writers[name].schema)

    def _write(self, tables: dict[str, pa.Table]) -> None:
        for name, table in tables.items():
            self._writers[name].write_table(table)

    def _wait(self) -> None:
        if self._written:
            self._written.result()

    def _open(self, path: Path, schema: pl.Schema) -> pq.ParquetWriter:
        arrow: pa.Schema = schema.to_frame().to_arrow().schema
        return self._stack.enter_context(pq.ParquetWriter(path, arrow, compression="zstd", use_dictionary=_REPEATED))

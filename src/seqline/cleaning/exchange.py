"""Tables that are written by one division of the rows and read by another.

Each writer leaves one Arrow file with a record batch per bucket; a reader takes its bucket out of every file. So a
shuffle of any size needs the memory of one bucket, and its order does not depend on who wrote first.
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow as pa


def scatter(frame: pl.DataFrame, bucket: pl.Series, num_buckets: int, path: Path) -> None:
    """Write a frame, divided by a number per row, below ``num_buckets``."""
    parts = frame.with_columns(bucket.alias("_bucket")).partition_by("_bucket", as_dict=True, include_key=False)
    empty = frame.clear()
    with pa.ipc.new_file(path, empty.to_arrow().schema) as writer:
        for number in range(num_buckets):
            # pyarrow leaves out batches without rows of a table, but not those that are batches already.
            part = parts.get((number,), empty).to_arrow().combine_chunks()
            writer.write_batch(part.to_batches()[0] if len(part) else _without_rows(part.schema))


def gather(paths: Iterable[Path], bucket: int) -> pl.DataFrame:
    """The rows of one bucket from every file, file by file in the order that they are given in."""
    batches = []
    for path in paths:
        with pa.memory_map(str(path)) as file:
            batches.append(pa.ipc.open_file(file).get_batch(bucket))
    # In one piece: Polars 2.1 panics over formatted strings of a table with an empty chunk.
    found = pl.from_arrow(pa.Table.from_batches(batches).combine_chunks())
    assert isinstance(found, pl.DataFrame)
    return found


def _without_rows(schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([pa.nulls(0, kind) for kind in schema.types], schema=schema)

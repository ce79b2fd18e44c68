"""Tables that are written by one division of the rows and read by another.

Each writer leaves one Parquet file with a row group per bucket; a reader takes its bucket out of every file. So a
shuffle of any size needs the memory of one bucket, and its order does not depend on who wrote first.
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


def scatter(frame: pl.DataFrame, bucket: str, num_buckets: int, path: Path) -> None:
    """Write a frame, divided by the number (below ``num_buckets``) in its column ``bucket``, which is left out."""
    parts = frame.partition_by(bucket, as_dict=True, include_key=False, maintain_order=True)
    empty = frame.drop(bucket).clear()
    with pq.ParquetWriter(path, empty.to_arrow().schema, compression="lz4") as writer:
        for number in range(num_buckets):
            part = parts.get((number,), empty)
            writer.write_table(part.to_arrow(), row_group_size=max(len(part), 1))  # one group, also of no rows


def gather(paths: Iterable[Path], bucket: int) -> pl.DataFrame:
    """The rows of one bucket from every file, file by file in the order that they are given in."""
    tables = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            tables.append(file.read_row_group(bucket))
    # In one piece: Polars 2.1 panics over formatted strings of a table with an empty chunk.
    found = pl.from_arrow(pa.concat_tables(tables).combine_chunks())
    assert isinstance(found, pl.DataFrame)
    return found

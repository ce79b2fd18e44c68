"""Small tables out of large ones."""

import polars as pl


def detached(frame: pl.DataFrame) -> pl.DataFrame:
    """A copy that does not keep the texts of the frame it was filtered from: filtered texts are views into all of them.

    Without it a few pairs of every shard keep the whole corpus in memory.
    """
    found = pl.from_arrow(frame.to_arrow())
    assert isinstance(found, pl.DataFrame)
    return found

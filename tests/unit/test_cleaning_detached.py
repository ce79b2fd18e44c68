"""A few pairs out of many do not keep the others in memory."""

import polars as pl

from seqline.cleaning.detached import detached


def held_bytes(frame: pl.DataFrame) -> int:
    array = frame["text"].to_arrow(compat_level=pl.CompatLevel.newest())
    return sum(buffer.size for buffer in array.buffers() if buffer is not None)


def test_a_detached_table_holds_its_own_texts_only() -> None:
    whole = pl.DataFrame({"text": [f"{row:04} {'text ' * 100}" for row in range(5000)]})
    few = whole.filter(pl.int_range(pl.len()) % 1000 == 0)
    alone = detached(few)
    assert alone.equals(few)
    assert held_bytes(few) > 1_000_000
    assert held_bytes(alone) < 10_000

"""Cleaning of pairs that a test wrote down."""

import polars as pl

from seqline.cleaning.frames import clean_frame
from seqline.cleaning.language import language
from seqline.params.cleaning import Clean


def frame(rows: list[tuple[str, str, str]], corpus: str = "tiny") -> pl.DataFrame:
    """Raw pairs out of sources, targets and splits, in their order."""
    numbered = [(row, corpus, split, row + 1, source, target) for row, (source, target, split) in enumerate(rows)]
    return pl.DataFrame(numbered, schema=["row", "corpus", "split", "line", "source", "target"], orient="row")


def cleaned(raw: pl.DataFrame, params: Clean, *, shard_rows: int = 1000) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The kept and the dropped pairs of English and Chinese, cut into shards at will."""
    return clean_frame(raw, params, (language("en"), language("zh")), shard_rows=shard_rows)

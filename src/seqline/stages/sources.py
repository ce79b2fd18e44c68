"""What a teacher translates for its students."""

import polars as pl

from seqline.workspace import Workspace


def sources(work: Workspace) -> pl.LazyFrame:
    """The training pairs, then the sentences without a translation, whose ``target`` is empty; ``id`` goes on."""
    train = pl.scan_parquet(work.clean / "train.parquet").select("id", "source", "target")
    alone = work.clean / "monolingual.parquet"
    if not alone.is_file():
        return train
    first = train.select(pl.len()).collect().item()
    return pl.concat([train, pl.scan_parquet(alone).select(pl.col("id") + first, "source", "target")])

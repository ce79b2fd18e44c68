"""Whether a model has seen test sentences: in its own training data, or in those of a model that it started from."""

from pathlib import Path

import polars as pl

from seqline import lineage
from seqline.cleaning import text
from seqline.files import read_json
from seqline.workspace import Workspace


def leaked(work: Workspace, bundle: Path, pairs: pl.DataFrame) -> int | None:
    """How many test pairs have a side that stands there; None: nobody can tell, since not all of it is here."""
    path = bundle.parent / "lineage.json"
    if not path.is_file():
        return None
    rows = set[int]()
    for data in lineage.trained_on(read_json(path)):
        train = lineage.training_data(work, data)
        if train is None:
            return None
        rows |= _rows(train, pairs)
    return len(rows)


def _rows(train: Path, pairs: pl.DataFrame) -> set[int]:
    rows = set[int]()
    for side in ("source", "target"):
        key = text.key(pl.col(side))  # what `clean` compares too: case, punctuation and spaces do not count
        wanted = pairs.lazy().with_row_index("row").select("row", key=key)
        seen = pl.scan_parquet(train).select(key=key)
        rows.update(seen.join(wanted, on="key").select("row").unique().collect(engine="streaming")["row"])
    return rows

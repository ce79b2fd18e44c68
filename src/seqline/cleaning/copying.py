"""The second pass: copies and crowded sides, bucket by bucket, since equal keys meet in one bucket."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.deduplicate import crowded, exact_copies, near_copies
from seqline.cleaning.exchange import gather
from seqline.cleaning.scratch import Scratch
from seqline.params.cleaning import Deduplicate


@dataclass(frozen=True)
class Copies:
    """Finds exact copies, and near ones where the params ask for it. Exact copies have equal near keys too."""

    params: Deduplicate
    scratch: Scratch

    def __call__(self, bucket: int) -> NDArray[np.int64]:
        """Write the drops of a bucket; return the dropped rows."""
        keys = _alive(self.scratch, "near", bucket)
        found = exact_copies(keys)
        if self.params.near:
            found = pl.concat([found, near_copies(keys.join(found, on="row", how="anti", maintain_order="left"))])
        return self.scratch.drop("copies", bucket, found.sort("row"))


@dataclass(frozen=True)
class Crowds:
    """Finds sides that stand in more pairs than the limit."""

    side: Literal["source", "target"]
    limit: int
    scratch: Scratch

    def __call__(self, bucket: int) -> NDArray[np.int64]:
        """Write the drops of a bucket; return the dropped rows."""
        keys = _alive(self.scratch, self.side, bucket)
        return self.scratch.drop(f"crowded-{self.side}", bucket, crowded(keys, self.side, self.limit))


def _alive(scratch: Scratch, name: str, bucket: int) -> pl.DataFrame:
    keys = gather(scratch.keys(name), bucket)
    return keys.filter(pl.Series(scratch.is_alive(keys["row"].to_numpy())))

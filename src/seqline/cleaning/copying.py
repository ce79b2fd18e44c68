"""The second pass: copies and crowded sides, bucket by bucket, since equal keys meet in one bucket."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.deduplicate import crowded, exact_copies, keyed, near_copies
from seqline.cleaning.exchange import gather, scatter
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard
from seqline.params.cleaning import Deduplicate

Side = Literal["source", "target"]


def write_keys(shard: Shard, pairs: pl.DataFrame, params: Deduplicate, scratch: Scratch) -> None:
    """Leave the keys of the pairs of a shard where the passes below look for them; no more than they need."""
    keys = keyed(pairs)
    meet = "near" if params.near else "exact"
    kinds = {"copies": (meet, ["row", "line", "exact", *(["near"] if params.near else [])])}
    kinds |= {side: (side, ["row", side]) for side in limits(params)}
    for name, (key, columns) in kinds.items():
        bucket = keys[key] % scratch.num_buckets
        scatter(keys.select(columns), bucket, scratch.num_buckets, scratch.keys(name)[shard.number])


def limits(params: Deduplicate) -> dict[Side, int]:
    """How many pairs a side may stand in, for each side that has a limit."""
    both: dict[Side, int] = {"source": params.max_targets_per_source, "target": params.max_sources_per_target}
    return {side: limit for side, limit in both.items() if limit}


@dataclass(frozen=True)
class Copies:
    """Finds exact copies, and near ones where the params ask for it. Exact copies have equal near keys too."""

    params: Deduplicate
    scratch: Scratch

    def __call__(self, bucket: int) -> NDArray[np.int64]:
        """Write the drops of a bucket; return the dropped rows."""
        keys = _alive(self.scratch, "copies", bucket)
        keys = keys.with_columns(self.scratch.corpora(keys["row"].to_numpy()).alias("corpus"))
        found = exact_copies(keys)
        if self.params.near:
            found = pl.concat([found, near_copies(keys)]).unique("row", keep="first", maintain_order=True)
        return self.scratch.drop_across("copies", bucket, found.sort("row"))


@dataclass(frozen=True)
class Crowds:
    """Finds sides that stand in more pairs than the limit; the least doubtful pairs stay."""

    side: Side
    limit: int
    scratch: Scratch

    def __call__(self, bucket: int) -> NDArray[np.int64]:
        """Write the drops of a bucket; return the dropped rows."""
        keys = _alive(self.scratch, self.side, bucket)
        found = crowded(keys, self.side, self.limit, self.scratch.doubt)
        return self.scratch.drop_across(f"crowded-{self.side}", bucket, found)


def _alive(scratch: Scratch, name: str, bucket: int) -> pl.DataFrame:
    keys = gather(scratch.keys(name), bucket)
    return keys.filter(pl.Series(scratch.is_alive(keys["row"].to_numpy())))

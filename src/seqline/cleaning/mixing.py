"""The last pass: how much of each training corpus stays, so that a huge one does not drown the others."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.draw import draws, lowest
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard, training
from seqline.params.cleaning import Mix

Rows = NDArray[np.int64]


def quotas(sizes: Mapping[str, int], mix: Mix) -> dict[str, int]:
    """How many pairs of each corpus stay.

    With temperature T a corpus of n pairs has a share in proportion to n^(1/T) (Arivazhagan et al. 2019, section 5),
    and the sizes are the largest ones for which no corpus needs more pairs than it has. Caps come before that.

    >>> quotas({"web": 1_000_000, "ours": 10_000}, Mix(temperature=2.0))
    {'web': 100000, 'ours': 10000}
    """
    capped = {name: min(size, mix.max_pairs.get(name, size)) for name, size in sizes.items()}
    wanted = {name: size ** (1 / mix.temperature) for name, size in capped.items() if size}
    scale = min((capped[name] / want for name, want in wanted.items()), default=0.0)
    return {name: round(wanted.get(name, 0.0) * scale) for name in capped}


@dataclass(frozen=True)
class Mixing:
    """Drops pairs of a corpus whose draw is not among the lowest; the bounds are by corpus."""

    bounds: Mapping[str, float]
    seed: int
    held_out: Rows
    scratch: Scratch

    def __call__(self, shard: Shard) -> Rows:
        """Write the drops of a shard; return the dropped rows."""
        rows = _training_rows(self.scratch, shard, self.held_out)
        out = rows[draws(rows, self.seed) > self.bounds[shard.corpus]]
        drops = pl.DataFrame({"row": out}).with_columns(rule=pl.lit("sampled_out"), value=pl.lit(""))
        return self.scratch.drop("mix", shard.number, drops)


def mixing(scratch: Scratch, mix: Mix, seed: int, held_out: Rows) -> Mixing | None:
    """What must be left out of the training pairs that are still in; None where everything stays."""
    shards, sizes = training(scratch.shards), Counter[str]()
    for shard in shards:
        sizes[shard.corpus] += len(_training_rows(scratch, shard, held_out))
    stay = quotas(sizes, mix)
    if stay == sizes:
        return None
    bounds = {}
    for name in sizes:
        own = (_training_rows(scratch, shard, held_out) for shard in shards if shard.corpus == name)
        bounds[name] = lowest(draws(np.concatenate(list(own)), seed), stay[name])
    return Mixing(bounds, seed, held_out, scratch)


def _training_rows(scratch: Scratch, shard: Shard, held_out: Rows) -> Rows:
    rows = scratch.alive_rows(shard)
    return rows[~np.isin(rows, held_out)]

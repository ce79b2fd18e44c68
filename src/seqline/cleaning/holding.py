"""The pass that takes dev and test pairs out of training, and the one that takes out what leaks them."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.decontaminate import leaks, overlaps
from seqline.cleaning.detached import detached
from seqline.cleaning.language import Language
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard, training
from seqline.cleaning.split import chosen, drawn, first_drawn
from seqline.cleaning.workers import Workers
from seqline.params.cleaning import Split

_COLUMNS = ("row", "corpus", "split", "line", "source", "target")


def hold_out(scratch: Scratch, params: Split, seed: int, workers: Workers) -> pl.DataFrame:
    """All dev and test pairs: those that corpora bring, and pairs of the training corpora for a split nobody brings."""
    brought = [scratch.alive(shard) for shard in scratch.shards if shard.split in ("dev", "test")]
    train = training(scratch.shards)
    pairs = pl.concat([*brought, scratch.alive(train[0]).clear()]).select(_COLUMNS)
    sizes = {"dev": params.dev_pairs, "test": params.test_pairs}
    absent = {name: size for name, size in sizes.items() if size and not (pairs["split"] == name).any()}
    if not absent:
        return pairs
    num = sum(absent.values())
    found = scratch.alive(train[0]).clear().select(*_COLUMNS, draw=pl.lit(0, pl.UInt64))
    for some in workers.map(_Draw(scratch, num, seed), train):
        found = pl.concat([found, some])
        found = detached(found.filter(first_drawn(found["draw"], num)))
    num_alive = sum(len(scratch.alive_rows(shard)) for shard in train)
    return pl.concat([pairs, chosen(found, absent, num_alive)]).sort("row")


@dataclass(frozen=True)
class _Draw:
    """The pairs of a shard that may be among the first drawn ones of all."""

    scratch: Scratch
    num: int
    seed: int

    def __call__(self, shard: Shard) -> pl.DataFrame:
        alive = self.scratch.alive(shard).select(_COLUMNS)
        alive = alive.with_columns(drawn(alive["source"], self.seed))
        return detached(alive.filter(first_drawn(alive["draw"], self.num)))


@dataclass(frozen=True)
class Leaks:
    """Finds training pairs that say what a held-out pair says."""

    params: Split
    languages: tuple[Language, Language]
    held_out: pl.DataFrame
    scratch: Scratch

    def __call__(self, shard: Shard) -> NDArray[np.int64]:
        """Write the drops of a shard; return the dropped rows.

        Held-out pairs of one source may still differ in case or stand beside a copy of their target in training.
        """
        own = self.held_out["row"].implode()
        train = self.scratch.alive(shard).filter(~pl.col("row").is_in(own))
        found = leaks(train, self.held_out)
        rest = train.join(found, on="row", how="anti", maintain_order="left")
        near = overlaps(
            rest, self.held_out, self.languages, ngram=self.params.ngram, bound=self.params.max_ngram_overlap
        )
        return self.scratch.drop("leaks", shard.number, pl.concat([found, near]).sort("row"))

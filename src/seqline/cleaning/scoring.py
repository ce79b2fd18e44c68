"""The pass that drops what the pair score finds misaligned or truncated."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.holding import training
from seqline.cleaning.language import Language
from seqline.cleaning.pairscore import Court, faulty
from seqline.cleaning.rules import rules
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard
from seqline.cleaning.workers import Workers
from seqline.params.cleaning import Clean


def judge(
    scratch: Scratch, params: Clean, languages: tuple[Language, Language], seed: int, workers: Workers
) -> "Judging":
    """Learn from a sample of the pairs that are left what a fault looks like."""
    assert params.pair_score
    train = pl.concat([scratch.alive(shard) for shard in training(scratch.shards)])
    court = Court(params.pair_score, languages, rules(params.rules, *languages), np.random.default_rng(seed))
    return Judging(faulty(train, court), scratch)


@dataclass(frozen=True)
class Judging:
    found: pl.DataFrame
    scratch: Scratch

    def __call__(self, shard: Shard) -> NDArray[np.int64]:
        last = shard.first_row + shard.num_rows
        return self.scratch.drop(
            "score", shard.number, self.found.filter(pl.col("row").is_between(shard.first_row, last, closed="left"))
        )

"""The pass that drops what the pair score finds misaligned or truncated."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.detached import detached
from seqline.cleaning.draw import draws, lowest
from seqline.cleaning.judge import Judge
from seqline.cleaning.language import Language
from seqline.cleaning.pairscore import Schooling, learn
from seqline.cleaning.rules import rules
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard, training
from seqline.cleaning.threshold import outlook
from seqline.cleaning.workers import Workers
from seqline.params.cleaning import Clean

_RUN: Final = 4
"""Rows that enter the sample together, since a misaligned pair has a neighbour's target."""


@dataclass(frozen=True)
class Judging:
    """Judges the pairs that are left."""

    judge: Judge
    scratch: Scratch

    def __call__(self, shard: Shard) -> NDArray[np.int64]:
        """Write the drops of a shard, and the doubt about each pair; return the dropped rows."""
        alive = self.scratch.alive(shard)
        drops, doubt = self.judge.judged(alive)
        self.scratch.keep_doubt(shard, alive["row"].to_numpy(), doubt)
        return self.scratch.drop("score", shard.number, drops)

    @property
    def outlook(self) -> str:
        """What the score expects of itself, in one line."""
        return f"pair score expects to find {outlook(self.judge.expected)}"


def judging(
    scratch: Scratch, params: Clean, languages: tuple[Language, Language], seed: int, workers: Workers
) -> Judging | None:
    """Learn from a sample of the pairs that are left; None where they are too few or the score is switched off."""
    if params.pair_score is None:
        return None
    sample = _sample(scratch, params.pair_score.sample_pairs, seed, workers)
    school = Schooling(languages, rules(params.rules, *languages), seed, params.pair_score.max_loss)
    judge = learn(sample, school)
    return Judging(judge, scratch) if judge else None


def _sample(scratch: Scratch, num: int, seed: int, workers: Workers) -> pl.DataFrame:
    shards = training(scratch.shards)
    drawn = np.concatenate([draws(scratch.alive_rows(shard) // _RUN, seed) for shard in shards])
    bound = lowest(drawn, min(num, len(drawn)))
    return pl.concat(workers.map(_Sampled(scratch, seed, bound), shards))


@dataclass(frozen=True)
class _Sampled:
    scratch: Scratch
    seed: int
    bound: float

    def __call__(self, shard: Shard) -> pl.DataFrame:
        alive = self.scratch.alive(shard).select("row", "source", "target")
        return detached(alive.filter(pl.Series(draws(alive["row"].to_numpy() // _RUN, self.seed) <= self.bound)))

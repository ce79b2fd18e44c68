"""The first pass: what can be said of a pair by itself. Shard by shard, it normalises and applies the rules."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.copying import write_keys
from seqline.cleaning.language import Language
from seqline.cleaning.normalise import normalised
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import drops
from seqline.cleaning.rules import rules
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shape import empty
from seqline.cleaning.shards import Shard
from seqline.cleaning.similar import write_bands
from seqline.params.cleaning import Clean


@dataclass(frozen=True)
class Screening:
    """What every shard is screened by."""

    params: Clean
    languages: tuple[Language, Language]
    scratch: Scratch

    def __call__(self, shard: Shard) -> NDArray[np.int64]:
        """Write the normalised pairs that pass, their keys and the drops of a shard; return the dropped rows.

        Dev and test pairs that a corpus brings lose nothing but empty ones.
        """
        params = self.params.of_corpus(shard.corpus)
        frame = shard.read().select(
            pl.exclude("label", "source", "target"),
            normalised("source", self.languages[0], params.normalise),
            normalised("target", self.languages[1], params.normalise),
        )
        found = [empty()] if shard.split != "train" else rules(params.rules, *self.languages)
        failed = drops(profiled(frame, self.languages, found), found)
        passed = frame.join(failed, on="row", how="anti", maintain_order="left")
        self.scratch.write_pairs(shard, passed)
        copyable = passed if shard.split == "train" else passed.clear()
        write_keys(shard, copyable, self.params.deduplicate, self.scratch)
        if self.params.deduplicate.near_share is not None:
            write_bands(shard, copyable, self.languages, self.scratch)
        return self.scratch.drop("rules", shard.number, failed)

"""The first pass: what can be said of a pair by itself. Shard by shard, it normalises and applies the rules."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.copying import write_keys
from seqline.cleaning.language import Language
from seqline.cleaning.monolingual import rules_of_one_side
from seqline.cleaning.normalise import normalised
from seqline.cleaning.profile import profiled
from seqline.cleaning.rule import Rule, drops
from seqline.cleaning.rules import rules
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shape import empty
from seqline.cleaning.shards import MONOLINGUAL, Shard
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

        Dev and test pairs that a corpus brings lose nothing but empty ones. A sentence without a translation is its
        own until it has passed.
        """
        params, languages = self.params.of_corpus(shard.corpus), self.languages
        raw = shard.read()
        if shard.split == MONOLINGUAL:
            raw, languages = raw.with_columns(target="source"), (languages[0], languages[0])
        frame = raw.select(
            pl.exclude("label", "source", "target"),
            normalised("source", languages[0], params.normalise),
            normalised("target", languages[1], params.normalise),
        )
        found = self._rules(shard, params)
        failed = drops(profiled(frame, languages, found), found)
        passed = frame.join(failed, on="row", how="anti", maintain_order="left")
        if shard.split == MONOLINGUAL:
            passed = passed.with_columns(target=pl.lit(""))
        self.scratch.write_pairs(shard, passed)
        copyable = passed if shard.split == "train" else passed.clear()
        write_keys(shard, copyable, self.params.deduplicate, self.scratch)
        if self.params.deduplicate.near_share is not None:
            write_bands(shard, copyable, self.languages, self.scratch)
        return self.scratch.drop("rules", shard.number, failed)

    def _rules(self, shard: Shard, params: Clean) -> list[Rule]:
        match shard.split:
            case "train":
                return rules(params.rules, *self.languages)
            case "monolingual":
                return rules_of_one_side(params.rules, self.languages[0])
            case _:
                return [empty()]

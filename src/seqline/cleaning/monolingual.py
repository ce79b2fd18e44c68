"""Sentences without a translation: what the rules say of one side alone, and which of them are known already."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.keys import hashed
from seqline.cleaning.language import Language
from seqline.cleaning.rule import Rule, no_drops
from seqline.cleaning.rules import rules
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard, training
from seqline.cleaning.tokens import Hashes
from seqline.params.cleaning import Rules


def rules_of_one_side(params: Rules, source: Language) -> list[Rule]:
    """The rules for a sentence that stands on both sides of a pair: whatever compares the sides is content."""
    return rules(params.model_copy(update={"max_copy_share": None}), source, source)


@dataclass(frozen=True)
class Known:
    """Finds the sentences that an earlier one, a training pair or a held-out pair has, as their keys compare them."""

    scratch: Scratch
    held_out: pl.DataFrame

    def __call__(self, shards: Sequence[Shard]) -> NDArray[np.int64]:
        """Write the drops of all monolingual shards; return the dropped rows."""
        held_out = _keys(self.held_out)
        seen = [_keys(self.scratch.alive(shard)) for shard in training(self.scratch.shards)]
        found = [no_drops()]
        for shard in shards:
            pairs = self.scratch.alive(shard)
            keys = _keys(pairs)
            is_leak = np.isin(keys, held_out)
            is_copy = np.isin(keys, np.concatenate([*seen, held_out[:0]])) | _repeats(keys)
            rule = np.where(is_leak, "leak", np.where(is_copy, "near_duplicate", ""))
            of_shard = pl.DataFrame({"row": pairs["row"], "rule": rule, "value": ""}, schema=no_drops().schema)
            found.append(of_shard.filter(pl.col("rule") != ""))
            seen.append(keys)
        return self.scratch.drop_across("monolingual", 0, pl.concat(found))


def _keys(pairs: pl.DataFrame) -> Hashes:
    return hashed(pairs["source"])[1]


def _repeats(keys: Hashes) -> NDArray[np.bool_]:
    """Where a key has occurred before."""
    repeated = np.ones(len(keys), np.bool_)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return repeated

"""The whole of cleaning, from raw pairs to kept and dropped ones, in passes over shards that fit into memory.

Order: normalise → rules → copies → similar pairs → length band → pair score → crowded sides → held-out split → leaks →
known sentences without a translation → mix. Each pass is spread over workers and leaves files for the next one; what it
finds does not depend on how many workers there are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.copying import Copies, Crowds, limits
from seqline.cleaning.holding import Leaks, hold_out
from seqline.cleaning.language import Language
from seqline.cleaning.lengths import banding
from seqline.cleaning.mixing import mixing
from seqline.cleaning.monolingual import Known
from seqline.cleaning.scoring import judging
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.screening import Screening
from seqline.cleaning.shards import Shard, monolingual, training
from seqline.cleaning.similar import Settled, Similar, num_buckets
from seqline.cleaning.threshold import Expectation
from seqline.cleaning.workers import Workers
from seqline.errors import StageError
from seqline.params.cleaning import Clean
from seqline.progress import Advance

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Cleaned:
    """What became of the raw pairs: every one is kept, in a split, or dropped, by a rule."""

    scratch: Scratch
    held_out: pl.DataFrame
    expected: Mapping[str, Expectation]
    """What the pair score expects of itself, per kind of fault; empty where it did not run."""

    def parts(self, shard: Shard) -> tuple[Shard, pl.DataFrame, pl.DataFrame]:
        """A shard with its kept and its dropped pairs."""
        return shard, self.kept(shard), self.dropped(shard)

    def kept(self, shard: Shard) -> pl.DataFrame:
        """The normalised pairs of a shard that are kept: ``row``, ``corpus``, ``split``, ``line`` and both sides."""
        moved = self.held_out.select("row", held_out="split")
        alive = self.scratch.alive(shard).join(moved, on="row", how="left", maintain_order="left")
        return alive.with_columns(split=pl.coalesce("held_out", "split")).drop("held_out")

    def dropped(self, shard: Shard) -> pl.DataFrame:
        """The raw pairs of a shard that are dropped, as they were found, with ``rule`` and ``value``."""
        return shard.read().join(self.scratch.drops(shard), on="row", maintain_order="left")


def clean(
    scratch: Scratch, params: Clean, languages: tuple[Language, Language], seed: int, workers: Workers, advance: Advance
) -> Cleaned:
    """Clean the shards of a scratch folder. ``advance`` is told of as many pairs as there are, in all.

    Raises:
        StageError: nothing is left to train on.
    """
    scratch.start()
    train, buckets, copies = training(scratch.shards), range(scratch.num_buckets), params.deduplicate

    def run(name: str, share: float, find: Callable[[Any], Rows], tasks: Sequence[Any]) -> None:
        """Find the rows that a pass drops; ``share`` is its part of the work, which is whole where every pass runs."""
        pairs = share * scratch.num_rows / max(len(tasks), 1)
        dropped = scratch.kill(_counted(workers.map(find, tasks), pairs, advance))
        advance(0, f"{name}: {dropped:,} dropped")

    run("rules", 0.45, Screening(params, languages, scratch), scratch.shards)
    run("copies", 0.04, Copies(copies, scratch), buckets)
    if copies.near_share is not None:
        run("n-grams in common", 0.05, Similar(copies.near_share, scratch), range(num_buckets(scratch)))
        run("similar", 0.0, Settled(scratch), [scratch.shards])
    if band := banding(scratch, params.length_band, workers):
        run("length band", 0.02, band, train)
    if judges := judging(scratch, params, languages, seed, workers):
        advance(0, judges.outlook)
        run("pair score", 0.25, judges, train)
    for side, limit in limits(copies).items():
        run(f"crowded {side}s", 0.02, Crowds(side, limit, scratch), buckets)
    held_out = hold_out(scratch, params.split, seed, workers)
    run("leaks", 0.15, Leaks(params.split, languages, held_out, scratch), train if len(held_out) else ())
    if alone := monolingual(scratch.shards):
        run("monolingual", 0.02, Known(scratch, held_out), [alone])
    if mix := mixing(scratch, params.mix, seed, held_out["row"].to_numpy()):
        run("mix", 0.0, mix, train)
    cleaned = Cleaned(scratch, held_out, judges.judge.expected if judges else {})
    _check_something_is_left(cleaned)
    return cleaned


def _counted(found: Iterable[Rows], pairs: float, advance: Advance) -> Iterator[Rows]:
    for rows in found:
        advance(pairs)
        yield rows


def _check_something_is_left(cleaned: Cleaned) -> None:
    scratch, moved = cleaned.scratch, set(cleaned.held_out["row"].to_list())
    for shard in training(scratch.shards):
        if not moved.issuperset(scratch.alive(shard)["row"].to_list()):
            return
    counts = pl.concat(scratch.drops(shard) for shard in scratch.shards).group_by("rule").len("count")
    worst = counts.sort("count", "rule", descending=[True, False]).head(3).iter_rows()
    reasons = ", ".join(f"{rule} dropped {count}" for rule, count in worst) or "none was read"
    raise StageError(f"clean: no training pair is left ({reasons}); loosen `clean` in params.yaml")

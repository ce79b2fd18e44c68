"""Which lengths go together: a band around the usual one, learnt from corpora that one trusts.

A bound on the ratio of lengths must be wide enough for ``Yes.``, and is then too wide for a paragraph. The band is as
narrow at each length as the trusted pairs are (after Gale & Church 1993, with a spread per length). Lengths are UTF-8
bytes, in which a Han character weighs about as much as the letters that say the same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.rule import no_drops
from seqline.cleaning.scratch import Scratch
from seqline.cleaning.shards import Shard, training
from seqline.cleaning.workers import Workers
from seqline.params.cleaning import LengthBand

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
MIN_PAIRS: Final = 1000
"""Fewer trusted pairs do not tell what is usual."""

_SMOOTHING: Final = 10
"""Bytes added to both sides, of which a few more or less say little about short ones."""

_STEP: Final = 0.05
_LENGTHS: Final = 160
_RATIOS: Final = 240
_NEIGHBOURS: Final = 4
_ENOUGH: Final = 200


@dataclass(frozen=True)
class Band:
    """For each length of a source (logarithm, in steps): the usual log ratio of target to source, and its spread."""

    usual: Floats
    spread: Floats
    width: float
    """How many spreads a pair may be off."""

    def outside(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """The drops; the value says how long the target is, and which lengths are usual beside such a source."""
        length, ratio = _logarithms(pairs)
        place = _place(length, _LENGTHS)
        usual, reach = self.usual[place], self.width * self.spread[place] + _STEP
        far = np.abs(ratio - usual) > reach
        if not far.any():
            return no_drops()
        ends = [np.rint(np.exp(length + usual + side * reach)[far] - _SMOOTHING).astype(int) for side in (-1, 1)]
        found = pairs.filter(pl.Series(far)).with_columns(
            pl.Series("least", ends[0].clip(1)), pl.Series("most", ends[1])
        )
        value = pl.format("{} bytes, usual are {}–{}", pl.col("target").str.len_bytes(), "least", "most")
        return found.select("row", rule=pl.lit("length_band"), value=value)


@dataclass(frozen=True)
class Banding:
    """Drops pairs outside the band."""

    band: Band
    scratch: Scratch

    def __call__(self, shard: Shard) -> NDArray[np.int64]:
        """Write the drops of a shard; return the dropped rows."""
        return self.scratch.drop("lengths", shard.number, self.band.outside(self.scratch.alive(shard)))


def banding(scratch: Scratch, params: LengthBand | None, workers: Workers) -> Banding | None:
    """Learn from the trusted corpora; None where the band is switched off or they are too small."""
    if params is None:
        return None
    trusted = [shard for shard in training(scratch.shards) if shard.corpus in params.trusted]
    counts = np.zeros((_LENGTHS, _RATIOS), np.int64)
    for some in workers.map(_Counted(scratch), trusted):
        counts += some
    return Banding(learn(counts, params.share), scratch) if counts.sum() >= MIN_PAIRS else None


def counted(pairs: pl.DataFrame) -> Counts:
    """How many pairs have which length of the source (rows) and which ratio (columns), both as logarithms in steps."""
    length, ratio = _logarithms(pairs)
    cell = _place(length, _LENGTHS) * _RATIOS + _place(ratio + _STEP * _RATIOS / 2, _RATIOS)
    return np.bincount(cell, minlength=_LENGTHS * _RATIOS).reshape(_LENGTHS, _RATIOS)


def learn(counts: Counts, share: float) -> Band:
    """The band outside of which ``share`` of the counted pairs lie."""
    ratios = (np.arange(_RATIOS, dtype=np.float64) - _RATIOS / 2 + 0.5) * _STEP
    pooled = _with_neighbours(counts)
    usual = ratios[_quantile(pooled, 0.5)]
    spread = np.maximum(ratios[_quantile(pooled, 0.95)] - ratios[_quantile(pooled, 0.05)], 2 * _STEP) / 2
    distance = np.abs(ratios - usual[:, None]) / spread[:, None]
    order = np.argsort(distance, axis=None)
    inside = np.cumsum(counts.reshape(-1)[order])
    last = np.searchsorted(inside, (1 - share) * inside[-1])
    return Band(usual, spread, float(distance.reshape(-1)[order[last]]))


@dataclass(frozen=True)
class _Counted:
    scratch: Scratch

    def __call__(self, shard: Shard) -> Counts:
        return counted(self.scratch.alive(shard))


def _logarithms(pairs: pl.DataFrame) -> tuple[Floats, Floats]:
    source, target = (
        np.log(pairs[side].str.len_bytes().to_numpy().astype(np.float64) + _SMOOTHING) for side in ("source", "target")
    )
    return source, target - source


def _place(values: Floats, num: int) -> Counts:
    return np.clip((values / _STEP).astype(np.int64), 0, num - 1)


def _with_neighbours(counts: Counts) -> Counts:
    """Each length together with as many neighbouring ones as make enough pairs, four on either side at least."""
    sums = np.vstack([np.zeros((1, _RATIOS), np.int64), np.cumsum(counts, axis=0)])
    pooled = np.empty_like(counts)
    for row in range(_LENGTHS):
        reach = _NEIGHBOURS
        while True:
            low, high = max(0, row - reach), min(_LENGTHS, row + reach + 1)
            pooled[row] = sums[high] - sums[low]
            if pooled[row].sum() >= _ENOUGH or (low, high) == (0, _LENGTHS):
                break
            reach += 1
    return pooled


def _quantile(counts: Counts, share: float) -> Counts:
    """Per row, the first column up to which that share of the row lies."""
    sums = np.cumsum(counts, axis=1)
    return np.asarray((sums < share * sums[:, -1:]).sum(axis=1))

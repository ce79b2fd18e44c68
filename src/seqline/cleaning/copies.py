"""How much of a source stands untranslated in its target: words that follow each other in both."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning import text
from seqline.cleaning.sparse import apply_where
from seqline.cleaning.tokens import Flags, Hashes, tokenise
from seqline.cleaning.utf8 import Places
from seqline.compiled import compiled

_RUN: Final = 3
"""Words in a row; fewer are names and terms. A source of one or two words counts when all of it is copied."""

_URL: Final = r"(?:https?://|www\.)[!-~]+"
_FACTOR: Final = 0x9E3779B97F4A7C15


def copied_share(pairs: pl.Series) -> pl.Series:
    """For structs of ``source`` and ``target``: the share of the source's words that the target repeats in order.

    Words, not numbers or links, count where three follow each other on both sides: ``tf.keras.layers`` in a sentence
    of twelve words makes a quarter. The share is 0 for sources with fewer than ten letters.
    """
    sides = (apply_where(pl.col(side), _URL, _without_links) for side in ("source", "target"))
    lines = pairs.struct.unnest().select(*sides)
    source, target = tokenise(lines["source"]), tokenise(lines["target"])
    num_slots = 2 * int(target.counts.max(initial=1))
    shares = _shares(source.hashes, source.starts, source.numeric, target.hashes, target.starts, num_slots)
    copied = np.flatnonzero(shares)
    shares[copied] *= (lines["source"].gather(copied).str.count_matches(r"\p{L}") >= text.SHORT).to_numpy()
    return pl.Series(pairs.name, shares)


def can_share(least: float) -> pl.Expr:
    """Whether the sides can share enough: they cannot share more ASCII, nor more other text, than the poorer one has.

    ``least`` is halved, since it is a share of words and words differ in length.
    """
    plain, other = zip(_amounts("source"), _amounts("target"), strict=True)
    common = pl.min_horizontal(plain) + pl.min_horizontal(other)
    return common >= least / 2 * (plain[0] + other[0])


def _amounts(side: str) -> tuple[pl.Expr, pl.Expr]:
    """About how many ASCII characters the texts have, and how many others of mostly three bytes."""
    characters = text.figure(side, "characters")
    other = (pl.col(side).str.len_bytes().cast(pl.Int64) - characters) / 2
    return characters - other, other


def _without_links(lines: pl.Series) -> pl.Series:
    return lines.str.replace_all(_URL, " ")


@compiled
def _shares(
    words: Hashes, starts: Places, numeric: Flags, others: Hashes, other_starts: Places, num_slots: int
) -> NDArray[np.float64]:
    shares = np.zeros(len(starts) - 1)
    # The runs of the target at hand; what an earlier pair left in a slot has another owner.
    runs, owners = np.zeros(num_slots, np.uint64), np.full(num_slots, -1)
    for pair in range(len(starts) - 1):
        start, end = starts[pair], starts[pair + 1]
        length = min(_RUN, end - start)
        for place in range(other_starts[pair], other_starts[pair + 1] - length + 1):
            run = _run(others, place, length)
            slot = _slot(runs, owners, run, pair)
            runs[slot], owners[slot] = run, pair
        copied_to, copied, counted = start, 0, 0
        for place in range(start, end):
            if place + length <= end and owners[_slot(runs, owners, _run(words, place, length), pair)] == pair:
                copied_to = place + length
            # Numbers are the same in every language.
            counted += not numeric[place]
            copied += place < copied_to and not numeric[place]
        shares[pair] = copied / max(counted, 1)
    return shares


@compiled
def _run(words: Hashes, place: int, length: int) -> np.uint64:
    """One hash of some words in a row."""
    total = np.uint64(0)
    for offset in range(length):
        total = total * np.uint64(_FACTOR) + words[place + offset]
    return total


@compiled
def _slot(runs: Hashes, owners: Places, wanted: np.uint64, owner: int) -> np.int64:
    """Where a run of the owner stands, or the slot where it would."""
    slot = np.int64(wanted >> np.uint64(1)) % len(runs)
    while owners[slot] == owner and runs[slot] != wanted:
        slot = (slot + 1) % len(runs)
    return slot

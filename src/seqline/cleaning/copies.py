"""How much of a source stands untranslated in its target: words that follow each other in both."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning import text
from seqline.cleaning.tokens import Flags, Hashes, Tokens, mixed, tokenise
from seqline.cleaning.utf8 import Places

_RUN: Final = 3
"""Words in a row; fewer are names and terms. A source of one or two words counts when all of it is copied."""

_URL: Final = r"(?:https?://|www\.)[!-~]+"
_FACTORS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def copied_share(pairs: pl.Series, least: float) -> pl.Series:
    """For structs of ``source`` and ``target``: the share of the source's words that the target repeats in order.

    Words, not numbers or links, count where three follow each other on both sides: ``tf.keras.layers`` in a sentence
    of twelve words makes a quarter. Shares that cannot reach ``least`` are given as 0 without a closer look, and so are
    those of sources with fewer than ten letters.
    """
    source, target = pairs.struct.field("source"), pairs.struct.field("target")
    rows = _possible(source, target, least).arg_true()
    lines, others = (side.gather(rows).str.replace_all(_URL, " ") for side in (source, target))
    shares = pl.Series(_shares(tokenise(lines), tokenise(others)))
    judged = (lines.str.count_matches(r"\p{L}") >= text.SHORT).cast(pl.Float64)
    return pl.zeros(len(pairs), pl.Float64, eager=True).scatter(rows, shares * judged).alias(pairs.name)


def _possible(source: pl.Series, target: pl.Series, least: float) -> pl.Series:
    """Whether the sides can share enough: they cannot share more ASCII, nor more other text, than the poorer one has.

    ``least`` is halved, since it is a share of words and words differ in length.
    """
    plain, other = zip(_amounts(source), _amounts(target), strict=True)
    common = np.minimum(*plain) + np.minimum(*other)
    return pl.Series(common >= least / 2 * (plain[0] + other[0]))


def _amounts(texts: pl.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """About how many ASCII characters the texts have, and how many others of mostly three bytes."""
    size, characters = (count.to_numpy().astype(np.float64) for count in (texts.str.len_bytes(), texts.str.len_chars()))
    other = (size - characters) / 2
    return characters - other, other


def _shares(source: Tokens, target: Tokens) -> NDArray[np.float64]:
    lengths = np.minimum(source.counts, _RUN)
    (runs, whole), (others, whole_others) = _runs(source, lengths), _runs(target, lengths)
    begins = np.isin(runs, others[whole_others]) & whole
    copied = begins.copy()
    for offset in range(1, _RUN):
        copied[offset:] |= begins[:-offset] & (lengths[source.owners[:-offset]] > offset)
    # Numbers are the same in every language.
    words = ~source.numeric
    counts = np.bincount(source.owners, words, len(lengths))
    return np.bincount(source.owners, copied & words, len(lengths)) / np.maximum(counts, 1)


def _runs(tokens: Tokens, lengths: Places) -> tuple[Hashes, Flags]:
    """A hash of the words that begin at each word, as many as its text asks for, and whether the text has so many."""
    owners = tokens.owners
    wanted = lengths[owners]
    total = owners.astype(np.uint64)
    for offset, factor in enumerate(_FACTORS):
        with np.errstate(over="ignore"):
            following = mixed(total) + np.roll(tokens.hashes, -offset) * np.uint64(factor)
        total = np.where(wanted > offset, following, total)
    return mixed(total), np.arange(len(owners)) + wanted <= tokens.starts[owners + 1]

"""A word-translation lexicon learnt from the corpus itself: IBM Model 1 (Brown et al. 1993), vectorised.

``t(f|e)`` is the probability that the word ``e`` of one side gives the word ``f`` of the other. It is kept as one dense
table over the most frequent words, so that a lookup is one memory access; rarer words are left out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning import text

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
MAX_WORDS: Final = 6000
_MAX_TOKENS: Final = 60
_ITERATIONS: Final = 4
_UNIFORM: Final = 0.1
_CHUNK_PAIRS: Final = 8192
NULL: Final = 0
"""The empty word, from which words without a counterpart come."""


@dataclass(frozen=True)
class Words:
    """The known words of one side of some pairs, flattened: pair ``i`` has ``ids[starts[i]:starts[i + 1]]``.

    ``places`` is where each stands in its sentence, from 0 (first) to 1 (last).
    """

    ids: Ids
    starts: Ids
    places: Floats

    def counts(self) -> Ids:
        """Known words per pair."""
        return np.diff(self.starts)


def vocabulary(texts: pl.Series) -> pl.DataFrame:
    """The most frequent words that occur at least twice: ``word`` and ``id`` (from 1; 0 is the empty word)."""
    words = pl.DataFrame({"word": texts}).select(text.tokens(pl.col("word")).list.head(_MAX_TOKENS)).explode("word")
    frequent = words.drop_nulls().group_by("word").len().filter(pl.col("len") > 1)
    ordered = frequent.sort("len", "word", descending=[True, False]).head(MAX_WORDS - 1)
    return ordered.select("word").with_row_index("id", offset=1)


def words(texts: pl.Series, known: pl.DataFrame) -> Words:
    """Look the words of texts up in a vocabulary."""
    lists = pl.DataFrame({"word": texts}).with_row_index("pair")
    lists = lists.with_columns(text.tokens(pl.col("word")).list.head(_MAX_TOKENS))
    lists = lists.with_columns(place=pl.int_ranges(pl.col("word").list.len()), num=pl.col("word").list.len())
    flat = lists.explode("word", "place").drop_nulls().join(known, on="word", how="inner").sort("pair", "place")
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.bincount(flat["pair"].to_numpy(), minlength=len(texts)), out=starts[1:])
    last = np.maximum(flat["num"].to_numpy().astype(np.float64) - 1, 1)
    return Words(flat["id"].to_numpy().astype(np.int64), starts, flat["place"].to_numpy() / last)


@dataclass(frozen=True)
class Lexicon:
    """``table[e, f]`` = t(f|e); ``frequency[f]`` = how often f occurs by itself."""

    table: NDArray[np.float32]
    frequency: Floats

    def evidence(self, given: Words, found: Words) -> Floats:
        """How much better than chance each found word is explained by the given side, per word of ``found``.

        log( (1 − u) · p(f | given) / p(f) + u ) with u = 0.1, where p(f | given) is Model 1's mean over the given words
        and the empty one. Positive: explained; at worst log 0.1: nothing on the other side speaks of it.
        """
        parts = [
            self._evidence(given, found, np.arange(start, min(start + _CHUNK_PAIRS, len(found.starts) - 1)))
            for start in range(0, len(found.starts) - 1, _CHUNK_PAIRS)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    def _evidence(self, given: Words, found: Words, pairs: Ids) -> Floats:
        begin, end = found.starts[pairs[0]], found.starts[pairs[-1] + 1]
        ids = found.ids[begin:end]
        left, right = _combinations(given, found, pairs)
        probability = np.bincount(right - begin, self.table[given.ids[left], found.ids[right]], len(ids))
        probability = probability + self.table[NULL, ids]
        probability /= np.repeat(given.counts()[pairs] + 1, found.counts()[pairs])
        frequency = np.maximum(self.frequency[ids], 1e-12)
        known = self.frequency[ids] > 0
        return np.where(known, np.log((1 - _UNIFORM) * probability / frequency + _UNIFORM), 0.0)


def learn(given: Words, found: Words, pairs: Ids) -> Lexicon:
    """Estimate t(found|given) by expectation maximisation on some of the pairs."""
    left, right = _combinations(given, found, pairs)
    alone = np.concatenate([np.arange(found.starts[pair], found.starts[pair + 1]) for pair in pairs])
    pasts = np.concatenate([given.ids[left], np.full(len(alone), NULL)])
    slots = np.concatenate([right, alone])
    keys, inverse = np.unique(pasts * MAX_WORDS + found.ids[slots], return_inverse=True)
    past = keys // MAX_WORDS
    probability = np.ones(len(keys))
    for _ in range(_ITERATIONS):
        weights = probability[inverse]
        weights /= np.bincount(slots, weights, len(found.ids))[slots]
        counts = np.bincount(inverse, weights, len(keys))
        probability = counts / np.bincount(past, counts, MAX_WORDS)[past]
    table = np.zeros((MAX_WORDS, MAX_WORDS), dtype=np.float32)
    table.reshape(-1)[keys] = probability
    frequency = np.bincount(found.ids[alone], minlength=MAX_WORDS).astype(np.float64)
    return Lexicon(table, frequency / max(len(alone), 1))


def _combinations(given: Words, found: Words, pairs: Ids) -> tuple[Ids, Ids]:
    """Every position of the given side with every position of the found side, within each pair."""
    widths, heights = given.counts()[pairs], found.counts()[pairs]
    sizes = widths * heights
    owner = np.repeat(np.arange(len(pairs)), sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    width = widths[owner]
    return given.starts[pairs][owner] + within % width, found.starts[pairs][owner] + within // width

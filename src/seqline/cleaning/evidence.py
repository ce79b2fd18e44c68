"""What speaks for and against a pair, as a table of figures for a classifier."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seqline.cleaning.lexicon import Ids, Lexicon, Words, learn, vocabulary, words

Floats = NDArray[np.float64]
_TERMINAL: Final = r"""[.!?。！？…:：]["'”’」』）)]*$"""
_TAIL: Final = 0.65


@dataclass(frozen=True)
class Vocabularies:
    """The words of both sides that the lexica know."""

    source: pl.DataFrame
    target: pl.DataFrame

    @staticmethod
    def of(pairs: pl.DataFrame) -> "Vocabularies":
        """Count the words of the columns ``source`` and ``target``."""
        return Vocabularies(vocabulary(pairs["source"]), vocabulary(pairs["target"]))

    def words(self, pairs: pl.DataFrame) -> tuple[Words, Words]:
        """The known words of both sides."""
        return words(pairs["source"], self.source), words(pairs["target"], self.target)


@dataclass(frozen=True)
class Witness:
    """Two lexica, one per direction, and the usual ratio of lengths, learnt from some pairs."""

    forward: Lexicon
    backward: Lexicon
    usual_ratio: float

    @staticmethod
    def learn(pairs: pl.DataFrame, vocabularies: Vocabularies) -> "Witness":
        """Learn from the columns ``source`` and ``target``."""
        source, target = vocabularies.words(pairs)
        everything: Ids = np.arange(len(pairs))
        ratio = float(np.median(_log_ratio(pairs)))
        return Witness(learn(source, target, everything), learn(target, source, everything), ratio)

    def features(self, pairs: pl.DataFrame, vocabularies: Vocabularies) -> Floats:
        """One line per pair.

        Columns: mean evidence for the target words and for the source words, the same for the tail of either side, the
        share of words nothing speaks for (target, source), how much longer the target is than usual (also its absolute
        value), and whether only the source (only the target) ends as a sentence does.
        """
        source, target = vocabularies.words(pairs)
        forward, backward = self.forward.evidence(source, target), self.backward.evidence(target, source)
        excess = _log_ratio(pairs) - self.usual_ratio
        ends = pairs.select(pl.col("source", "target").str.contains(_TERMINAL))
        source_ends, target_ends = ends["source"].to_numpy(), ends["target"].to_numpy()
        columns = [
            _mean(forward, target),
            _mean(backward, source),
            _mean(forward * (target.places >= _TAIL), target),
            _mean(backward * (source.places >= _TAIL), source),
            _mean(forward < -1, target),
            _mean(backward < -1, source),
            excess,
            np.abs(excess),
            source_ends & ~target_ends,
            target_ends & ~source_ends,
        ]
        return np.column_stack(columns).astype(np.float64)


def _log_ratio(pairs: pl.DataFrame) -> Floats:
    """log of target bytes over source bytes, five added to both so that very short pairs vary less."""
    sizes = [pairs[side].str.len_bytes().to_numpy().astype(np.float64) + 5 for side in ("target", "source")]
    return np.log(sizes[0] / sizes[1])


def _mean(values: NDArray[np.generic], of: Words) -> Floats:
    owner = np.repeat(np.arange(len(of.starts) - 1), of.counts())
    return np.bincount(owner, values, len(of.starts) - 1) / np.maximum(of.counts(), 1)

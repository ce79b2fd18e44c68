"""What some pairs teach about words, so that it can speak for or against other pairs."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seqline.cleaning.endings import endings
from seqline.cleaning.evidence import Knowledge, Table, evidence, usual_excess
from seqline.cleaning.lexicon import Links, learn
from seqline.cleaning.support import Side
from seqline.cleaning.tokens import tokenise
from seqline.cleaning.utf8 import Texts
from seqline.cleaning.vocabulary import Vocabulary
from seqline.translations import Words


@dataclass(frozen=True)
class Witness:
    """The vocabularies of both sides, the links between them, and how much longer targets are than sources."""

    source: Vocabulary
    target: Vocabulary
    links: Links
    usual_excess: float

    @staticmethod
    def learn(pairs: pl.DataFrame) -> "Witness":
        """Learn from the columns ``source`` and ``target``."""
        (source, left), (target, right) = _words(pairs["source"]), _words(pairs["target"])
        sizes = (np.diff(Texts.of(pairs[side]).starts) for side in ("source", "target"))
        return Witness(source, target, learn(left, right, (source, target)), usual_excess(*sizes))

    def features(self, pairs: pl.DataFrame) -> Table:
        """One line per pair, with the columns of :data:`~seqline.cleaning.evidence.FEATURES`; about 3 µs a pair."""
        known = Knowledge(self.links, self.source.weights, self.target.weights, self.usual_excess)
        return evidence(_side(pairs["source"], self.source), _side(pairs["target"], self.target), known)


def _words(texts: pl.Series) -> tuple[Vocabulary, Words]:
    tokens = tokenise(texts)
    known = Vocabulary.of(tokens.hashes)
    return known, Words(known.look_up(tokens.hashes), tokens.starts)


def _side(texts: pl.Series, known: Vocabulary) -> Side:
    tokens, written = tokenise(texts), Texts.of(texts)
    ids = known.look_up(tokens.hashes)
    return Side(tokens.starts, tokens.hashes, tokens.dense, ids, np.diff(written.starts), endings(written))

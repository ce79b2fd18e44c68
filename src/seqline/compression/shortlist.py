"""A lexical shortlist: the target pieces that a source piece may call for (Jean et al. 2015, section 3.3).

With it a decoder computes the probabilities of some hundred pieces instead of all of them, which is most of the work
of a small model. It is learnt from the training pairs, as word translations of IBM Model 1 over pieces, and written
as CTranslate2's ``vmap.txt``: a source piece, a tab, its target pieces. The first line has no source piece and holds
what every sentence may use.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from seqline.tokenization import Tokenizer
from seqline.translations import Translations, Words, translations

_COMMON: Final = 100
"""The most frequent target pieces, which every sentence may use: punctuation, endings, function words."""

_MIN_PROBABILITY: Final = 1e-3


def shortlist(tokenizer: Tokenizer, sources: Sequence[str], targets: Sequence[str], per_piece: int) -> Iterator[str]:
    """The lines of a shortlist with at most ``per_piece`` target pieces for a source piece, likeliest first.

    Args:
        tokenizer: that of the model, by which the pairs are cut into pieces.
        sources: one side of the pairs to learn from.
        targets: the other.
        per_piece: candidates of one source piece.
    """
    ids = _words(tokenizer.encode_source(sources)), _words(tokenizer.encode_target(targets))
    names = [tokenizer.target.id_to_piece(index) for index in range(tokenizer.target_vocabulary)]
    frequencies = np.bincount(ids[1].ids, minlength=len(names))
    yield "\t" + " ".join(names[index] for index in np.argsort(-frequencies, kind="stable")[:_COMMON])
    found = translations(*ids, (tokenizer.source_vocabulary, tokenizer.target_vocabulary))
    for index in range(tokenizer.source_vocabulary):
        if candidates := _likeliest(found, index, per_piece):
            yield f"{tokenizer.source.id_to_piece(index)}\t{' '.join(names[each] for each in candidates)}"


def _likeliest(found: Translations, source: int, count: int) -> list[int]:
    mine = slice(found.starts[source], found.starts[source + 1])
    order = np.argsort(-found.forward[mine], kind="stable")[:count]
    likely = order[found.forward[mine][order] >= _MIN_PROBABILITY]
    return list(found.targets[mine][likely])


def _words(rows: Sequence[Sequence[int]]) -> Words:
    starts = np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64)))
    ids = np.fromiter((piece for row in rows for piece in row), np.int32, int(starts[-1]))
    return Words(ids, starts)

"""A tokenizer without the pieces that a corpus never uses, so that a model need not carry their embeddings.

SentencePiece cuts a text along the likeliest path through its pieces (Kudo 2018). That path stays the likeliest when
pieces go that are not on it, so every text whose pieces are all kept is cut as before: nothing is lost. Special pieces,
bytes and single characters always stay, for what the corpus does not hold.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from seqline.special import PAD
from seqline.tokenization.sequences import Ids, Sequences, Spool
from seqline.tokenization.tokenizer import Tokenizer

Used = NDArray[np.bool_]
"""Of each id, whether it occurs."""


@dataclass(frozen=True)
class Trimmed:
    """A tokenizer with fewer pieces; ``source`` and ``target`` hold the old id of each new one, in increasing order."""

    tokenizer: Tokenizer
    source: NDArray[np.int64]
    target: NDArray[np.int64]


def trim(tokenizer: Tokenizer, source: Used, target: Used, *, joint: bool) -> Trimmed:
    """Keep the pieces that are used on their side; ``joint``: the sides have one vocabulary, and keep having one."""
    if joint:
        source = target = source | target
    source_bytes, source_ids = _trimmed(tokenizer.source, source)
    target_bytes, target_ids = _trimmed(tokenizer.target, target)
    return Trimmed(Tokenizer.of(source_bytes, target_bytes), source_ids, target_ids)


def used(rows: Sequences, vocabulary: int) -> Used:
    """Which of the ids 0 … vocabulary − 1 occur."""
    occurs = np.zeros(vocabulary, dtype=bool)
    for part in rows.parts():
        occurs[part.flat] = True
    return occurs


def new_ids(kept: NDArray[np.int64]) -> Ids:
    """The new id of each old one, where ``kept[i]`` becomes *i*; PAD of those that are gone."""
    table = np.full(1 << 16, PAD, dtype=np.uint16)
    table[kept] = np.arange(len(kept), dtype=np.uint16)
    return table


def renumbered(rows: Sequences, kept: NDArray[np.int64], scratch: Path) -> Sequences:
    """The same rows by their new ids, in a file below ``scratch``."""
    table, spool = new_ids(kept), Spool(scratch)
    for part in rows.parts():
        spool.add(replace(part, flat=table[part.flat]))
    return spool.finish()


def _trimmed(processor: sentencepiece.SentencePieceProcessor, needed: Used) -> tuple[bytes, NDArray[np.int64]]:
    from sentencepiece import sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # made by protobuf at run time
    model.ParseFromString(processor.serialized_model_proto())
    pieces = list(model.pieces)
    kept = [i for i, piece in enumerate(pieces) if needed[i] or piece.type != piece.NORMAL or len(piece.piece) == 1]
    del model.pieces[:]
    model.pieces.extend(pieces[i] for i in kept)
    model.trainer_spec.vocab_size = len(kept)
    return model.SerializeToString(deterministic=True), np.array(kept, dtype=np.int64)

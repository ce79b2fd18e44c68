"""A teacher reads pairs and tells what it expects at every position: lessons for word-level distillation.

Legend: B pairs, T target length (with EOS), V vocabulary, K pieces.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from seqline.models.base import EncoderDecoder
from seqline.progress import track
from seqline.tokenization import Sequences, Spool
from seqline.training.batching import collate, plan
from seqline.training.data import TrainingData
from seqline.training.lessons import Lessons

_CHUNK_PAIRS = 8192
_BATCH_TOKENS = 2048
Row = npt.NDArray[np.uint16]


def taught(data: TrainingData, teacher: EncoderDecoder, num_pieces: int, trust: float, scratch: Path) -> TrainingData:
    """The same data with lessons of ``num_pieces`` per position, or all there are, in files below ``scratch``."""
    num_pieces = min(num_pieces, teacher.output.out_features)
    ids, shares = Spool(scratch), Spool(scratch)
    begins = range(0, len(data), _CHUNK_PAIRS)
    for begin in track(begins, "ask the teacher", len(begins), "chunk"):
        end = min(begin + _CHUNK_PAIRS, len(data))
        expected = dict(_expected(data.source.part(begin, end), data.target.part(begin, end), teacher, num_pieces))
        in_order = [expected[row] for row in range(end - begin)]
        ids.add(Sequences.of(pieces for pieces, _ in in_order))
        shares.add(Sequences.of(bits for _, bits in in_order))
    return replace(data, lessons=Lessons(ids.finish(), shares.finish(), num_pieces, trust))


@torch.inference_mode()
def _expected(
    source: Sequences, target: Sequences, teacher: EncoderDecoder, num_pieces: int
) -> Iterator[tuple[int, tuple[Row, Row]]]:
    """By row: the likeliest pieces of its T positions and their shares, T·K of each."""
    for rows in plan(source, target, _BATCH_TOKENS, seed=0, epoch=0):
        batch = collate([source[row] for row in rows], [target[row] for row in rows])
        logits_BTV = teacher.output(teacher(batch.source_BS, batch.input_BT))
        highest_BTK, ids_BTK = logits_BTV.topk(num_pieces)
        shares = highest_BTK.softmax(dim=-1).half().numpy().view(np.uint16)
        ids = ids_BTK.numpy().astype(np.uint16)
        for number, row in enumerate(rows.tolist()):
            length = len(target[row]) + 1
            yield row, (ids[number, :length].ravel(), shares[number, :length].ravel())

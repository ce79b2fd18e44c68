"""What a teacher expects at every position of the targets, to be learnt beside the targets themselves.

Word-level distillation (Kim & Rush 2016, section 3.1) of the K likeliest pieces: a vocabulary of probabilities per
position would take a thousand times the room of the corpus, and beyond the first few a teacher expects next to nothing.

Legend: B pairs, T target length (with EOS), K pieces.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

from seqline.special import PAD
from seqline.tokenization import Sequences, Spool
from seqline.tokenization.trimming import new_ids
from seqline.training.batching import Lesson, Rows


@dataclass(frozen=True)
class Lessons:
    """Of each target, as rows of T·K: pieces, likeliest first, and their shares, the bits of a float16 each.

    ``trust`` is the teacher's share of what is learnt; the rest is the target's own.
    """

    ids: Sequences
    shares: Sequences
    num_pieces: int
    trust: float

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """All parts, one after the other, in memory."""
        some = list(parts)
        ids, shares = Sequences.joined(part.ids for part in some), Sequences.joined(part.shares for part in some)
        return replace(some[0], ids=ids, shares=shares)

    def part(self, begin: int, end: int) -> Self:
        """Those of some targets, copied into memory."""
        return replace(self, ids=self.ids.part(begin, end), shares=self.shares.part(begin, end))

    def renumbered(self, kept: npt.NDArray[np.int64], scratch: Path) -> Self:
        """The same in the ids of a trimmed tokenizer: what was expected of pieces that are gone, the others get.

        Where none of a position's pieces is left, nothing is expected.
        """
        table, ids, shares = new_ids(kept), Spool(scratch), Spool(scratch)
        for some_ids, some_shares in zip(self.ids.parts(), self.shares.parts(), strict=True):
            new = table[some_ids.flat]
            left = some_shares.flat.view(np.float16).astype(np.float32) * (new != PAD)
            left = left.reshape(-1, self.num_pieces)
            left /= np.maximum(left.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
            ids.add(replace(some_ids, flat=new))
            shares.add(replace(some_shares, flat=left.astype(np.float16).view(np.uint16).ravel()))
        return replace(self, ids=ids.finish(), shares=shares.finish())

    def release(self) -> None:
        """Let go of what was read from files."""
        self.ids.release()
        self.shares.release()

    def of(self, rows: Rows) -> Lesson:
        """Those of some targets, padded with shares of nothing."""
        ids = [self.ids[row].reshape(-1, self.num_pieces) for row in rows]
        shares = [self.shares[row].view(np.float16).reshape(-1, self.num_pieces) for row in rows]
        return Lesson(_padded(ids, np.int64), _padded(shares, np.float32), self.trust)


def _padded(rows: Sequence[npt.NDArray[np.generic]], dtype: npt.DTypeLike) -> torch.Tensor:
    filled = np.zeros((len(rows), max(map(len, rows)), rows[0].shape[1]), dtype=dtype)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    return torch.from_numpy(filled)

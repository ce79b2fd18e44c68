"""How a beam chooses what goes on; here plainly, in diverse.py in groups that differ, in phrased.py with demands.

Legend: B beams (a sentence has one, or one per group), K rows of each, N = B·K, V vocabulary, C candidates of a beam.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from seqline.decoding.candidates import Candidates, best_candidates
from seqline.special import EOS


@dataclass(frozen=True)
class Selected:
    """What a step chose: for each beam K continuations that go on, best first, and all that ended.

    An end is a beam, the log-probability of the whole, and the row that ended.
    """

    going: Candidates
    ended: list[tuple[int, float, int]]


class Selector(Protocol):
    """Chooses among the continuations of all hypotheses."""

    def __call__(
        self, log_probs_NV: Tensor, total_BK: Tensor, history_NT: Tensor, sentences: Sequence[int]
    ) -> Selected:
        """Choose; ``sentences`` says whose beam each is, ``history`` begins with BOS."""


@dataclass(frozen=True)
class Plain:
    """The ``beam`` most probable, be there as many hypotheses or, at the beginning, only one."""

    beam: int

    def __call__(
        self, log_probs_NV: Tensor, total_BK: Tensor, history_NT: Tensor, sentences: Sequence[int]
    ) -> Selected:
        """Choose. Twice the beam is enough to look at: at most K of those can be EOS."""
        return parted(best_candidates(log_probs_NV, total_BK, 2 * self.beam), self.beam)


def parted(candidates: Candidates, beam: int) -> Selected:
    """Those among the K best candidates that end, and the K best that go on."""
    is_end_BC = candidates.piece_BC == EOS
    ends = (is_end_BC[:, :beam] & candidates.total_BC[:, :beam].isfinite()).nonzero().tolist()
    ended = [(b, candidates.total_BC[b, k].item(), int(candidates.row_BC[b, k])) for b, k in ends]
    return Selected(candidates.take(is_end_BC.byte().argsort(dim=1, stable=True)[:, :beam]), ended)

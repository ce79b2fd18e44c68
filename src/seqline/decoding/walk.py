"""The hypotheses of a batch on their way through a model: what beam search and sampling have in common.

Legend: B groups (beams, or sentences), K rows of each, N = B·K, S source length, T positions so far, V vocabulary.
"""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from seqline.decoding.hypothesis import Hypothesis, Required, normalised
from seqline.decoding.limits import Limits
from seqline.errors import InputError
from seqline.models.base import State, StepModel
from seqline.special import BOS, EOS, PAD
from seqline.types import Search


@runtime_checkable
class AttendingModel(Protocol):
    """A model that tells where it looks while it writes."""

    def attending_step(self, state: State, piece_N: Tensor) -> tuple[Tensor, Tensor, State]:
        """Log-probabilities (N, V), attention (N, S), next state."""


class Walk:
    """Hypotheses of one length, and the model's state after them.

    ``sentences`` says whose hypotheses each group of K rows holds.

    Raises:
        InputError: a coverage penalty is asked of a model that does not tell its attention.
    """

    def __init__(
        self,
        model: StepModel[Any],
        source_BS: Tensor,
        options: Search,
        required: Sequence[Required],
        sentences: Sequence[int],
        num_rows: int,
    ) -> None:
        if options.coverage_penalty and not isinstance(model, AttendingModel):
            raise InputError("this model does not tell where it looks: no coverage penalty")
        self.model, self.options, self.num_rows, self.sentences = model, options, num_rows, list(sentences)
        rows_BK = torch.tensor(self.sentences)[:, None].repeat(1, num_rows)
        self.state = model.start(model.encode(source_BS)).regroup(rows_BK)
        self.history_NT = torch.full((len(self.sentences) * num_rows, 1), BOS)
        self.limits = Limits(options.min_length, options.no_repeat_ngram, required)
        self.is_real_BS = source_BS != PAD
        self.coverage_NS = torch.zeros(len(self.history_NT), source_BS.size(1)) if options.coverage_penalty else None

    @property
    def length(self) -> int:
        """Pieces that a hypothesis has with the one that is chosen now."""
        return self.history_NT.size(1)

    def log_probs(self) -> Tensor:
        """Log-probabilities of each row's next piece, (N, V); ``-inf`` for what may not come."""
        last_N = self.history_NT[:, -1]
        if self.coverage_NS is None:
            log_probs_NV, self.state = self.model.step(self.state, last_N)
        else:
            assert isinstance(self.model, AttendingModel)
            log_probs_NV, attention_NS, self.state = self.model.attending_step(self.state, last_N)
            self.coverage_NS = self.coverage_NS + attention_NS
        self.limits.apply(log_probs_NV, self.history_NT, [s for s in self.sentences for _ in range(self.num_rows)])
        return log_probs_NV

    def hypothesis(self, row: int, total: float, last: int = EOS) -> Hypothesis:
        """Row ``row`` and one piece more, with a log-probability of ``total``."""
        pieces = self.history_NT[row, 1:].tolist() + ([] if last == EOS else [last])
        coverage_S = None
        if self.coverage_NS is not None:
            coverage_S = self.coverage_NS[row][self.is_real_BS[self.sentences[row // self.num_rows]]]
        return Hypothesis(tuple(pieces), normalised(total, self.length, self.options, coverage_S))

    def go_on(self, rows_BK: Tensor, piece_BK: Tensor, kept: Sequence[int]) -> None:
        """Continue ``rows`` with ``piece``; only groups number ``kept`` are given, and stay."""
        rows_N, self.num_rows = rows_BK.flatten(), rows_BK.size(1)
        self.history_NT = torch.cat((self.history_NT[rows_N], piece_BK.reshape(-1, 1)), dim=1)
        self.state = self.state.regroup(rows_BK)
        self.sentences = [self.sentences[b] for b in kept]
        if self.coverage_NS is not None:
            self.coverage_NS = self.coverage_NS[rows_N]

"""Several models that translate together.

Legend: B sentences, N rows, K rows of a sentence, V target vocabulary, S source length.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from seqline.decoding.walk import AttendingModel
from seqline.errors import InputError
from seqline.models.base import State, StepModel


@dataclass(frozen=True)
class EnsembleState(State):
    """A state of each member."""

    states: tuple[State, ...]

    def select(self, rows_N: Tensor) -> Self:
        """Keep, repeat or reorder rows."""
        return type(self)(tuple(state.select(rows_N) for state in self.states))

    def regroup(self, rows_BK: Tensor) -> Self:
        """Keep, repeat or reorder rows within sentences, and sentences."""
        return type(self)(tuple(state.regroup(rows_BK) for state in self.states))


@dataclass(frozen=True)
class Ensemble:
    """Models of any kind with the same vocabularies: the next piece has the mean of their probabilities.

    The mean of probabilities is again a distribution, and one member that is sure of a piece can carry it; the mean of
    log-probabilities would let any member forbid one.
    """

    members: Sequence[StepModel[Any]]

    def encode(self, source_BS: Tensor) -> tuple[Any, ...]:
        """Encode padded source ids by every member."""
        return tuple(member.encode(source_BS) for member in self.members)

    def start(self, memory: tuple[Any, ...]) -> EnsembleState:
        """The states before the first target piece."""
        return EnsembleState(tuple(member.start(own) for member, own in zip(self.members, memory, strict=True)))

    def step(self, state: State, piece_N: Tensor) -> tuple[Tensor, EnsembleState]:
        """Log-probabilities of the next piece, (N, V), and the next states."""
        assert isinstance(state, EnsembleState)
        steps = [member.step(own, piece_N) for member, own in zip(self.members, state.states, strict=True)]
        return _mean([log_probs_NV for log_probs_NV, _ in steps]), EnsembleState(tuple(own for _, own in steps))

    def attending_step(self, state: State, piece_N: Tensor) -> tuple[Tensor, Tensor, EnsembleState]:
        """The same, and the mean of the members' attention, (N, S).

        Raises:
            InputError: a member does not tell its attention.
        """
        assert isinstance(state, EnsembleState)
        steps = []
        for member, own in zip(self.members, state.states, strict=True):
            if not isinstance(member, AttendingModel):
                raise InputError("a model of the ensemble does not tell where it looks: no coverage penalty")
            steps.append(member.attending_step(own, piece_N))
        attention_NS = torch.stack([attention for _, attention, _ in steps]).mean(dim=0)
        return _mean([log_probs for log_probs, _, _ in steps]), attention_NS, EnsembleState(tuple(s for *_, s in steps))


def _mean(log_probs: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(log_probs)).logsumexp(dim=0) - math.log(len(log_probs))

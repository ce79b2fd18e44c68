"""One interface for every encoder–decoder: ``encode → start → step(state) → log-probabilities, state``.

Legend: B sentences, N rows (sentences × beam), S source length, T target length, D model width, V target vocabulary.
Source rows end in EOS and are padded with PAD on the right; target inputs begin with BOS.
"""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqline.errors import InputError
from seqline.models.config import ModelConfig
from seqline.models.products import rounding
from seqline.special import PAD


@dataclass(frozen=True)
class Memory:
    """An encoded source.

    ``states_BSD`` are the encoder's outputs; ``mask_BS`` is true at real pieces, or None when nothing is padded.
    """

    states_BSD: Tensor
    mask_BS: Tensor | None


class State(ABC):
    """What a decoder carries from one target position to the next. Immutable: a step returns a new one."""

    @abstractmethod
    def select(self, rows_N: Tensor) -> Self:
        """The state whose row *n* is this state's row ``rows_N[n]``: drops, repeats and reorders hypotheses."""

    def regroup(self, rows_BK: Tensor) -> Self:
        """Like ``select``, of rows that come in groups: those of a group all stem from one group of this state.

        A group is a sentence and its rows are hypotheses, so a state need not repeat or move what belongs to the
        source, and may do cheaply what stays within a group. The groups of ``start`` have one row each.
        """
        return self.select(rows_BK.flatten())


AnyMemory = TypeVar("AnyMemory")


class StepModel(Protocol[AnyMemory]):
    """What decoding needs of a model, whatever runs it: torch or ONNX Runtime."""

    def encode(self, source_BS: Tensor) -> AnyMemory:
        """Encode padded source ids (int64)."""

    def start(self, memory: AnyMemory) -> State:
        """The state before the first target piece, one row per encoded sentence."""

    def step(self, state: State, piece_N: Tensor) -> tuple[Tensor, State]:
        """Log-probabilities of the next piece, (N, V), after one more target piece per row, and the next state."""


class EncoderDecoder(nn.Module, ABC):
    """A sequence-to-sequence model. ``output`` maps features to logits and may share the embedding's weight."""

    config: ModelConfig
    output: nn.Linear

    @abstractmethod
    def encode(self, source_BS: Tensor) -> Memory:
        """Encode padded source ids (int64)."""

    @abstractmethod
    def decode(self, memory: Memory, target_BT: Tensor) -> Tensor:
        """Features for every target position at once (teacher forcing): (B, T, D)."""

    @abstractmethod
    def start(self, memory: Memory) -> State:
        """The state before the first target piece, one row per encoded sentence."""

    @abstractmethod
    def features(self, state: State, piece_N: Tensor) -> tuple[Tensor, State]:
        """Features after one more target piece per row, (N, D), and the next state."""

    def attending_features(self, state: State, piece_N: Tensor) -> tuple[Tensor, Tensor, State]:
        """Like ``features``; between the two stands how the new position attends over the source, (N, S).

        Raises:
            InputError: a model of this kind does not tell.
        """
        raise InputError(f"a model of kind {self.config.kind} does not tell where it looks while it writes")

    @abstractmethod
    def attend(self, memory: Memory, target_BT: Tensor) -> Tensor | None:
        """Attention of each target position over the source, (B, T, S), each row summing to one.

        None of a model without attention: it sees the source as one vector and looks nowhere.
        """

    def forward(self, source_BS: Tensor, target_BT: Tensor) -> Tensor:
        """Features (B, T, D) for a padded batch; the loss applies ``output`` in chunks."""
        return self.decode(self.encode(source_BS), target_BT)

    def rounding(self, is_on: bool) -> AbstractContextManager[None]:
        """Where it is on, the matrix products of this model are computed in bf16 inside a block, on a CPU."""
        return rounding(is_on)

    def halved(self) -> AbstractContextManager[None]:
        """The same for inference alone, in several threads at once if need be."""
        return rounding(is_on=True)

    def step(self, state: State, piece_N: Tensor) -> tuple[Tensor, State]:
        """Log-probabilities of the next piece, (N, V), after one more target piece per row, and the next state."""
        features_ND, state = self.features(state, piece_N)
        return F.log_softmax(self.output(features_ND).float(), dim=-1), state

    def attending_step(self, state: State, piece_N: Tensor) -> tuple[Tensor, Tensor, State]:
        """Like ``step``; between the two stands how the new position attends over the source, (N, S)."""
        features_ND, weights_NS, state = self.attending_features(state, piece_N)
        return F.log_softmax(self.output(features_ND).float(), dim=-1), weights_NS, state


def source_mask(source_BS: Tensor) -> Tensor | None:
    """True at real pieces, or None when no row is padded, so that attention can take its unmasked path."""
    mask_BS = source_BS != PAD
    return None if bool(mask_BS.all()) else mask_BS


def num_parameters(model: nn.Module) -> int:
    """Distinct trainable parameters; tied weights count once."""
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def embedding(vocabulary: int, width: int) -> nn.Embedding:
    """An embedding table with N(0, width^-1/2) entries and a zero row for PAD."""
    table = nn.Embedding(vocabulary, width, padding_idx=PAD)
    nn.init.normal_(table.weight, std=width**-0.5)
    with torch.no_grad():
        table.weight[PAD].zero_()
    return table

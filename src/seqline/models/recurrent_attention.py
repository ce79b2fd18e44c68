"""Attention of a recurrent decoder over the encoded source.

With a query q (the decoder's state) and source states h_s, the weights are a softmax over the real source positions
of score(q, h_s), and the context is the weighted sum of the h_s:

    additive   vᵀ tanh(W q + U h_s)     Bahdanau et al. 2015, appendix A.1.2
    dot        qᵀ h_s                   Luong et al. 2015, equation 8
    general    qᵀ W h_s                 Luong et al. 2015, equation 8

What depends on the source alone (U h_s, W h_s: the *keys*) is computed once per sentence.

The queries of all target positions of all rows of a sentence are answered together: in training it has one row, while
decoding one position of K hypotheses.

Legend: B sentences, N rows (K of each sentence, side by side), T target positions, Q = K·T queries of a sentence,
S source length, D model width.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor, nn

from seqline.models.base import Memory


@dataclass(frozen=True)
class Source:
    """What a decoder attends over: keys are compared, values are mixed, the mask is true at real pieces."""

    keys_BSD: Tensor
    values_BSD: Tensor
    mask_BS: Tensor | None

    def select(self, sentences_B: Tensor) -> Self:
        """Keep, repeat or reorder sentences."""
        if torch.equal(sentences_B, torch.arange(len(self.values_BSD), device=sentences_B.device)):
            return self
        values = self.values_BSD.index_select(0, sentences_B)
        keys = values if self.keys_BSD is self.values_BSD else self.keys_BSD.index_select(0, sentences_B)
        mask = None if self.mask_BS is None else self.mask_BS.index_select(0, sentences_B)
        return type(self)(keys, values, mask)


def for_each_row(x_BSD: Tensor, num_rows: int) -> Tensor:
    """What belongs to sentences, for each of their rows, (N, S, D)."""
    return x_BSD if len(x_BSD) == num_rows else x_BSD.repeat_interleave(num_rows // len(x_BSD), dim=0)


class Attention(nn.Module, ABC):
    """Scores, softmax over real positions, weighted sum."""

    def source(self, memory: Memory) -> Source:
        """Prepare a memory for being attended to."""
        return Source(self.keys(memory.states_BSD), memory.states_BSD, memory.mask_BS)

    def forward(self, query_NTD: Tensor, source: Source) -> tuple[Tensor, Tensor]:
        """Contexts (N, T, D) and weights (N, T, S); padded positions weigh exactly nothing."""
        query_BQD = query_NTD.reshape(len(source.values_BSD), -1, query_NTD.size(2))
        scores_BQS = self.scores(query_BQD, source.keys_BSD)
        if source.mask_BS is not None:
            scores_BQS = scores_BQS.masked_fill(~source.mask_BS[:, None], float("-inf"))
        weights_BQS = scores_BQS.softmax(dim=2)
        context_BQD = torch.bmm(weights_BQS, source.values_BSD)
        return context_BQD.view_as(query_NTD), weights_BQS.view(*query_NTD.shape[:2], -1)

    @abstractmethod
    def keys(self, states_BSD: Tensor) -> Tensor:
        """The part of the score that depends on the source alone, (B, S, D)."""

    @abstractmethod
    def scores(self, query_BQD: Tensor, keys_BSD: Tensor) -> Tensor:
        """How well each source position answers each query, (B, Q, S)."""


class Dot(Attention):
    """qᵀ h_s."""

    def keys(self, states_BSD: Tensor) -> Tensor:
        """The states themselves."""
        return states_BSD

    def scores(self, query_BQD: Tensor, keys_BSD: Tensor) -> Tensor:
        """Inner products."""
        return torch.bmm(query_BQD, keys_BSD.transpose(1, 2))


class General(Dot):
    """qᵀ W h_s."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, width, bias=False)

    def keys(self, states_BSD: Tensor) -> Tensor:
        """W h_s."""
        keys_BSD: Tensor = self.key(states_BSD)
        return keys_BSD


class Additive(Attention):
    """vᵀ tanh(W q + U h_s)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width)
        self.energy = nn.Linear(width, 1, bias=False)

    def keys(self, states_BSD: Tensor) -> Tensor:
        """U h_s, with a bias."""
        keys_BSD: Tensor = self.key(states_BSD)
        return keys_BSD

    def scores(self, query_BQD: Tensor, keys_BSD: Tensor) -> Tensor:
        """One hidden layer of tanh units over query and key."""
        queries = self.query(query_BQD).unbind(dim=1)  # one at a time: all the units at once leave every cache
        return torch.stack([self._energies(query_BD, keys_BSD) for query_BD in queries], dim=1)

    def _energies(self, query_BD: Tensor, keys_BSD: Tensor) -> Tensor:
        energy_BS1: Tensor = self.energy((keys_BSD + query_BD[:, None]).tanh())
        return energy_BS1[:, :, 0]


def build_attention(kind: Literal["additive", "dot", "general", "none"], width: int) -> Attention | None:
    """The attention that a configuration names, if any."""
    if kind == "none":
        return None
    if kind == "dot":
        return Dot()
    return General(width) if kind == "general" else Additive(width)

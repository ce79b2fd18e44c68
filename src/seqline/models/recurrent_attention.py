"""Attention of a recurrent decoder over the encoded source.

With a query q (the decoder's state) and source states h_s, the weights are a softmax over the real source positions
of score(q, h_s), and the context is the weighted sum of the h_s:

    additive   vᵀ tanh(W q + U h_s)     Bahdanau et al. 2015, appendix A.1.2
    dot        qᵀ h_s                   Luong et al. 2015, equation 8
    general    qᵀ W h_s                 Luong et al. 2015, equation 8

What depends on the source alone (U h_s, W h_s: the *keys*) is computed once per sentence.

The queries of all target positions are answered together; while decoding there is one.

Legend: N rows, T target positions, S source length, D model width.
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

    keys_NSD: Tensor
    values_NSD: Tensor
    mask_NS: Tensor | None

    def select(self, rows_N: Tensor) -> Self:
        """Keep, repeat or reorder rows."""
        values = self.values_NSD.index_select(0, rows_N)
        keys = values if self.keys_NSD is self.values_NSD else self.keys_NSD.index_select(0, rows_N)
        mask = None if self.mask_NS is None else self.mask_NS.index_select(0, rows_N)
        return type(self)(keys, values, mask)


class Attention(nn.Module, ABC):
    """Scores, softmax over real positions, weighted sum."""

    def source(self, memory: Memory) -> Source:
        """Prepare a memory for being attended to."""
        return Source(self.keys(memory.states_BSD), memory.states_BSD, memory.mask_BS)

    def forward(self, query_NTD: Tensor, source: Source) -> tuple[Tensor, Tensor]:
        """Contexts (N, T, D) and weights (N, T, S); padded positions weigh exactly nothing."""
        scores_NTS = self.scores(query_NTD, source.keys_NSD)
        if source.mask_NS is not None:
            scores_NTS = scores_NTS.masked_fill(~source.mask_NS[:, None], float("-inf"))
        weights_NTS = scores_NTS.softmax(dim=2)
        return torch.bmm(weights_NTS, source.values_NSD), weights_NTS

    @abstractmethod
    def keys(self, states_NSD: Tensor) -> Tensor:
        """The part of the score that depends on the source alone, (N, S, D)."""

    @abstractmethod
    def scores(self, query_NTD: Tensor, keys_NSD: Tensor) -> Tensor:
        """How well each source position answers each query, (N, T, S)."""


class Dot(Attention):
    """qᵀ h_s."""

    def keys(self, states_NSD: Tensor) -> Tensor:
        """The states themselves."""
        return states_NSD

    def scores(self, query_NTD: Tensor, keys_NSD: Tensor) -> Tensor:
        """Inner products."""
        return torch.bmm(query_NTD, keys_NSD.transpose(1, 2))


class General(Dot):
    """qᵀ W h_s."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, width, bias=False)

    def keys(self, states_NSD: Tensor) -> Tensor:
        """W h_s."""
        keys_NSD: Tensor = self.key(states_NSD)
        return keys_NSD


class Additive(Attention):
    """vᵀ tanh(W q + U h_s)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width)
        self.energy = nn.Linear(width, 1, bias=False)

    def keys(self, states_NSD: Tensor) -> Tensor:
        """U h_s, with a bias."""
        keys_NSD: Tensor = self.key(states_NSD)
        return keys_NSD

    def scores(self, query_NTD: Tensor, keys_NSD: Tensor) -> Tensor:
        """One hidden layer of tanh units over query and key."""
        queries = self.query(query_NTD).unbind(dim=1)  # one at a time: all the units at once leave every cache
        return torch.stack([self._energies(query_ND, keys_NSD) for query_ND in queries], dim=1)

    def _energies(self, query_ND: Tensor, keys_NSD: Tensor) -> Tensor:
        energy_NS1: Tensor = self.energy((keys_NSD + query_ND[:, None]).tanh())
        return energy_NS1[:, :, 0]


def build_attention(kind: Literal["additive", "dot", "general", "none"], width: int) -> Attention | None:
    """The attention that a configuration names, if any."""
    if kind == "none":
        return None
    if kind == "dot":
        return Dot()
    return General(width) if kind == "general" else Additive(width)

"""Weights that a model has lost and must not find again in training."""

from typing import Self

import torch
from torch import Tensor

from seqline.models.base import EncoderDecoder
from seqline.models.matrices import matrices


class Zeros:
    """The zeros in a model's matrices, to be kept."""

    def __init__(self, kept: list[tuple[Tensor, Tensor]]) -> None:
        self._kept = kept

    @classmethod
    def of(cls, model: EncoderDecoder) -> Self:
        """Those that it has now."""
        return cls([(weight, weight != 0) for weight in matrices(model)])

    @classmethod
    def none(cls) -> Self:
        """Every weight may become what it likes."""
        return cls([])

    @torch.no_grad()
    def hold(self) -> None:
        """Before a step: their gradients count in no norm and in no moment of the optimiser."""
        for weight, others in self._kept:
            if weight.grad is not None:
                weight.grad.mul_(others)

    @torch.no_grad()
    def restore(self) -> None:
        """After a step, make them zero again: Muon moves all of a matrix."""
        for weight, others in self._kept:
            weight.mul_(others)

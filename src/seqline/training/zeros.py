"""Weights that a model has lost and must not find again in training."""

from typing import Self

import torch
from torch import Tensor

from seqline.models.base import EncoderDecoder


class Zeros:
    """The zeros in a model's matrices, to be kept."""

    def __init__(self, kept: list[tuple[Tensor, Tensor]]) -> None:
        self._kept = kept

    @classmethod
    def of(cls, model: EncoderDecoder) -> Self:
        """Those that it has now."""
        return cls([(weight, weight != 0) for weight in model.parameters() if weight.dim() == 2])

    @classmethod
    def none(cls) -> Self:
        """Every weight may become what it likes."""
        return cls([])

    @torch.no_grad()
    def restore(self) -> None:
        """Make them zero again, after a step of the optimiser."""
        for weight, others in self._kept:
            weight.mul_(others)

"""Averages of a model's weights: the moving one that is validated, and the mean of the last ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Weights = list[Tensor]
"""In the order of ``model.parameters()``."""


class MovingAverage:
    """Exponential moving average of a model's weights (Polyak & Juditsky 1992).

    Its decay grows from 0.1 towards ``decay``, so that the random start is forgotten quickly.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = copied(model)

    @torch.no_grad()
    def update(self, model: nn.Module, num_updates: int) -> None:
        """Move towards the model's present weights, after ``num_updates`` updates."""
        decay = min(self.decay, (1 + num_updates) / (10 + num_updates)) if self.decay else 0.0
        torch._foreach_lerp_(self.weights, list(model.parameters()), 1 - decay)


class LastWeights:
    """A model's weights at its last ``count`` validations (checkpoint averaging, Vaswani et al. 2017, section 6.1)."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.kept: list[Weights] = []

    def keep(self, model: nn.Module) -> None:
        """Remember the present weights and forget the oldest that are too many."""
        if self.count:
            self.kept = [*self.kept, copied(model)][-self.count :]

    def mean(self) -> Weights:
        """The mean of what is kept, weight by weight."""
        return [torch.stack(weights).mean(dim=0) for weights in zip(*self.kept, strict=True)]


def copied(model: nn.Module) -> Weights:
    """A copy of a model's weights."""
    return [weight.detach().clone() for weight in model.parameters()]


@torch.no_grad()
def set_weights(model: nn.Module, weights: Sequence[Tensor]) -> None:
    """Copy weights into a model, in the order of ``model.parameters()``."""
    for weight, value in zip(model.parameters(), weights, strict=True):
        weight.copy_(value)


@contextmanager
def evaluated_with(model: nn.Module, weights: Sequence[Tensor]) -> Iterator[None]:
    """The model with other weights, in evaluation mode, for the length of a block."""
    own, was_training = copied(model), model.training
    set_weights(model, weights)
    model.eval()
    try:
        yield
    finally:
        set_weights(model, own)
        model.train(was_training)

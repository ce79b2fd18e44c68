"""Quantisation-aware training: the loss is that of the model as int8 would have it (Jacob et al. 2018).

Weights are rounded as CTranslate2 stores them; ONNX Runtime, which runs recurrent models, takes one scale and one zero
for a whole matrix, so for these it is near and not exact.

The gradient at the rounded weights is taken for that at the exact ones, which alone are kept and updated (the
straight-through estimator of Bengio et al. 2013).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from seqline.models.matrices import matrices

_HIGHEST = 127


@contextmanager
def rounded_weights(model: nn.Module) -> Iterator[None]:
    """Within, every matrix of the model holds what it will be as int8; afterwards what it held before."""
    weights = matrices(model)
    exact = [weight.data for weight in weights]
    for weight in weights:
        weight.data = as_int8(weight.data)
    try:
        yield
    finally:
        for weight, values in zip(weights, exact, strict=True):
            weight.data = values


def as_int8(weight_RC: Tensor) -> Tensor:
    """The matrix after a way through int8, with a scale for each row, as CTranslate2 stores it."""
    scale_R1 = weight_RC.abs().amax(dim=1, keepdim=True) / _HIGHEST
    scale_R1 = torch.where(scale_R1 > 0, scale_R1, 1.0)
    return (weight_RC / scale_R1).round() * scale_R1

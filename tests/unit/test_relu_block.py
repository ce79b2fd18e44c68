"""The feed-forward block of a training step on a CPU, against the same block written out."""

import pytest
import torch
from torch import Tensor

from seqline.models.dropout import Dropout
from seqline.models.products import Linear
from seqline.models.relu_block import relu_block


def _gradients(y: Tensor, x: Tensor, up: Linear, down: Linear) -> tuple[Tensor, ...]:
    return torch.autograd.grad((y * y).sum(), (x, up.weight, up.bias, down.weight, down.bias))


@pytest.mark.parametrize("rate", [0.0, 0.25])
def test_block_and_its_gradients_equal_the_ones_written_out(rate: float) -> None:
    torch.manual_seed(1)
    up, down = Linear(8, 24, dtype=torch.float64), Linear(24, 8, dtype=torch.float64)
    dropout, x = Dropout(rate), torch.randn(3, 5, 8, dtype=torch.float64, requires_grad=True)
    torch.manual_seed(2)
    ours = relu_block(x, up, down, dropout)
    torch.manual_seed(2)
    hidden = up(x).relu()
    kept = dropout.keep(hidden) if rate else 1.0
    theirs = down(hidden * kept * dropout.scale)

    torch.testing.assert_close(ours, theirs)
    pairs = zip(_gradients(ours, x, up, down), _gradients(theirs, x, up, down), strict=True)
    for found, expected in pairs:
        torch.testing.assert_close(found, expected)

"""Linear maps in bf16: nearly what float32 gives, and only where they are asked for."""

import pytest
import torch

from seqline.models.products import Linear, rounding
from seqline.training.machine import cpu_has_bf16

needs_amx = pytest.mark.skipif(not cpu_has_bf16(), reason="needs a CPU with AMX")


def passes(linear: Linear, *, rounds: bool) -> list[torch.Tensor]:
    """Output and all gradients."""
    linear.rounds = rounds
    torch.manual_seed(2)
    x = torch.randn(40, 5, 64, requires_grad=True)
    y = linear(x)
    return [y, *torch.autograd.grad((y * y).sum(), (x, *linear.parameters()))]


@pytest.mark.parametrize("bias", [True, False])
def test_output_and_gradients_are_nearly_those_of_float32(bias: bool) -> None:
    torch.manual_seed(1)
    linear = Linear(64, 96, bias=bias)
    for found, expected in zip(passes(linear, rounds=True), passes(linear, rounds=False), strict=True):
        assert found.shape == expected.shape
        assert (found - expected).norm() < 0.02 * expected.norm()


@needs_amx
def test_it_rounds_in_training_alone() -> None:
    linear = Linear(64, 96)
    in_training = passes(linear, rounds=True)[0]
    assert not torch.equal(in_training, passes(linear, rounds=False)[0])
    linear.eval()
    assert torch.equal(passes(linear, rounds=True)[0], passes(linear, rounds=False)[0])


def test_what_comes_after_a_block_is_float32_again() -> None:
    before = torch.backends.mkldnn.matmul.fp32_precision
    with rounding(is_on=True), rounding(is_on=False):
        pass
    assert torch.backends.mkldnn.matmul.fp32_precision == before

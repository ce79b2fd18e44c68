import torch
from torch import nn

from seqline.training.quantised import as_int8, rounded_weights


def test_a_row_has_at_most_255_values_and_keeps_its_largest() -> None:
    weight = torch.randn(5, 4000, generator=torch.Generator().manual_seed(1))
    rounded = as_int8(weight)
    for before, after in zip(weight, rounded, strict=True):
        assert len(after.unique()) <= 255
        assert torch.isclose(before.abs().max(), after.abs().max())
        assert (before - after).abs().max() <= before.abs().max() / 127 / 2 + 1e-6


def test_a_row_of_zeros_stays_zero() -> None:
    assert torch.equal(as_int8(torch.zeros(2, 3)), torch.zeros(2, 3))


def test_the_gradient_is_that_of_the_rounded_weights_and_the_exact_ones_stay() -> None:
    torch.manual_seed(1)
    layer, x = nn.Linear(8, 4), torch.randn(3, 8)
    exact, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
    with rounded_weights(layer):
        y = layer(x)
        torch.autograd.backward((y * y).sum())
    assert torch.equal(layer.weight, exact)
    assert torch.equal(layer.bias, bias)
    rounded = nn.Linear(8, 4)
    rounded.load_state_dict({"weight": as_int8(exact), "bias": bias})
    z = rounded(x)
    torch.autograd.backward((z * z).sum())
    assert layer.weight.grad is not None
    assert rounded.weight.grad is not None
    torch.testing.assert_close(layer.weight.grad, rounded.weight.grad)

"""Dropout from random bytes: its rate, its mean, its gradient, and where its chance comes from."""

import pytest
import torch

from seqline.models.dropout import Dropout


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_share_that_is_dropped_is_the_rate_and_the_mean_stays(rate: float) -> None:
    torch.manual_seed(1)
    y = Dropout(rate)(torch.ones(300, 1000))
    assert float((y == 0).double().mean()) == pytest.approx(rate, abs=0.005)
    assert float(y.double().mean()) == pytest.approx(1.0, abs=0.005)


def test_what_is_dropped_follows_from_the_state_of_torchs_generator() -> None:
    dropout, x = Dropout(0.3), torch.ones(7, 9)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first, second = dropout(x), dropout(x)
    torch.set_rng_state(state)
    assert torch.equal(dropout(x), first)
    assert not torch.equal(first, second)


def test_residual_sum_and_its_gradients_equal_dropout_and_sum() -> None:
    dropout = Dropout(0.3)
    x, y = (torch.randn(4, 6, dtype=torch.float64, requires_grad=True) for _ in range(2))
    torch.manual_seed(1)
    ours = dropout.add(x, y)
    torch.manual_seed(1)
    theirs = x + dropout(y)
    torch.testing.assert_close(ours, theirs)
    found, expected = (torch.autograd.grad((total**2).sum(), (x, y)) for total in (ours, theirs))
    torch.testing.assert_close(found, expected)


def test_residual_sum_in_evaluation_is_the_plain_sum() -> None:
    x, y = torch.randn(4, 6), torch.randn(4, 6)
    assert torch.equal(Dropout(0.3).eval().add(x, y), x + y)

"""Linear maps in bf16: nearly what float32 gives, and only where they are asked for."""

import pytest
import torch

from seqline.models import build, products
from seqline.models.config import RecurrentConfig, TransformerConfig
from seqline.models.products import Linear, cpu_has_bf16, layers_halved, product, product_added, rounding

TRANSFORMER = TransformerConfig("transformer", 60, 60, 64, 16, 4, 4, (64,), (64,), "relu", 0.1, "target")
GRU = RecurrentConfig("gru", 60, 60, 64, 1, 1, "general", 0.1, "target")
needs_amx = pytest.mark.skipif(not cpu_has_bf16(), reason="needs a CPU with AMX")


both_libraries = pytest.mark.parametrize(
    "by_onednn",
    [False, pytest.param(True, marks=pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="no oneDNN"))],
)


@both_libraries
@pytest.mark.parametrize("rows", [1, 40])
def test_either_library_gives_the_product(by_onednn: bool, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "BY_ONEDNN", by_onednn)
    torch.manual_seed(1)
    a, b, bias, before = torch.randn(rows, 24), torch.randn(24, 9), torch.randn(9), torch.randn(rows, 9)
    exact = (a.double() @ b.double()).float()
    for left, right in ((a, b), (a.t().contiguous().t(), b.t().contiguous().t())):
        torch.testing.assert_close(product(left, right), exact)
        torch.testing.assert_close(product(left, right, out=torch.empty(rows, 9)), exact)
        torch.testing.assert_close(product(left, right, bias), exact + bias)
        torch.testing.assert_close(product_added(before.clone(), left, right), before + exact)


@both_libraries
def test_either_library_gives_a_layer_its_gradients(by_onednn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "BY_ONEDNN", by_onednn)
    torch.manual_seed(1)
    linear = Linear(64, 96)
    found = passes(linear, rounds=False)
    exact = passes(linear.double(), rounds=False, dtype=torch.float64)
    for one, other in zip(found, exact, strict=True):
        torch.testing.assert_close(one, other.float(), rtol=1e-4, atol=1e-3)


def passes(linear: Linear, *, rounds: bool, dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    """Output and all gradients."""
    linear.rounds = rounds
    torch.manual_seed(2)
    x = torch.randn(40, 5, 64).to(dtype).requires_grad_()
    y = linear(x)
    return [y, *torch.autograd.grad((y * y).sum(), (x, *linear.parameters()))]


@pytest.mark.parametrize("bias", [True, False])
def test_output_and_gradients_are_nearly_those_of_float32(bias: bool) -> None:
    torch.manual_seed(1)
    linear = Linear(64, 96, bias=bias)
    for found, expected in zip(passes(linear, rounds=True), passes(linear, rounds=False), strict=True):
        assert found.shape == expected.shape
        assert (found - expected).norm() < 0.02 * expected.norm()


@pytest.mark.parametrize(("rows", "rounds"), [(4, False), (64, True)])
def test_halved_it_rounds_where_that_is_faster(rows: int, rounds: bool) -> None:
    linear, x = Linear(64, 96), torch.randn(rows, 64)
    with torch.no_grad():
        exact = linear(x)
        with layers_halved(linear):
            assert torch.equal(linear(x), exact) is not rounds
        assert torch.equal(linear(x), exact)


@needs_amx
@pytest.mark.parametrize("kind", ["transformer", "gru"])
@pytest.mark.parametrize("trains", [True, False])
def test_a_model_rounds_inside_a_block_alone(kind: str, trains: bool) -> None:
    model = build(TRANSFORMER if kind == "transformer" else GRU).eval()
    ids = torch.randint(4, 60, (20, 9), generator=torch.Generator().manual_seed(1))
    with torch.set_grad_enabled(trains):
        exact = model(ids, ids)
        with model.rounding(is_on=True) if trains else model.halved():
            rounded = model(ids, ids)
        assert not torch.equal(rounded, exact)
        assert (rounded - exact).norm() < 0.02 * exact.norm()
        assert torch.equal(model(ids, ids), exact)


def test_what_comes_after_a_block_is_float32_again() -> None:
    before = torch.backends.mkldnn.matmul.fp32_precision
    with rounding(is_on=True), rounding(is_on=False):
        pass
    assert torch.backends.mkldnn.matmul.fp32_precision == before

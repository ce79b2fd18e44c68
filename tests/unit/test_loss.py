import pytest
import torch
from torch.nn import functional as F

from seqline.special import PAD
from seqline.training import loss as fused
from seqline.training.loss import linear_cross_entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("chunk_bytes", [64, 4 << 20])
def test_value_and_gradients_equal_torch_cross_entropy(
    smoothing: float, chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused, "_CHUNK_BYTES", chunk_bytes)
    torch.manual_seed(1)
    features = torch.randn(3, 5, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(11, 8, dtype=torch.float64, requires_grad=True)
    label = torch.randint(1, 11, (3, 5))
    label[1, 3:] = PAD

    ours = linear_cross_entropy(features, weight, label, smoothing)
    found = torch.autograd.grad(3.0 * ours, (features, weight))
    theirs = F.cross_entropy(
        (features @ weight.T).flatten(0, 1),
        label.flatten(),
        ignore_index=PAD,
        reduction="sum",
        label_smoothing=smoothing,
    )
    expected = torch.autograd.grad(3.0 * theirs, (features, weight))

    torch.testing.assert_close(ours, theirs)
    for ours_grad, theirs_grad in zip(found, expected, strict=True):
        torch.testing.assert_close(ours_grad, theirs_grad)

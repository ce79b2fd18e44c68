import pytest
import torch
from torch.nn import functional as F

from seqline.special import PAD
from seqline.training import loss as fused
from seqline.training.batching import Lesson
from seqline.training.loss import linear_cross_entropy, r_drop


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("chunk_bytes", [64, 4 << 20])
def test_value_and_gradients_equal_torch_cross_entropy(
    smoothing: float, chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fused._CHUNK_BYTES, "cpu", chunk_bytes)
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


@pytest.mark.parametrize("chunk_bytes", [64, 4 << 20])
def test_a_share_of_the_target_may_be_a_teachers(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fused._CHUNK_BYTES, "cpu", chunk_bytes)
    torch.manual_seed(4)
    features = torch.randn(3, 5, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(11, 8, dtype=torch.float64, requires_grad=True)
    label = torch.randint(1, 11, (3, 5))
    label[1, 3:] = PAD
    teacher = torch.randn(3, 5, 11, dtype=torch.float64).softmax(-1)
    shares, ids = teacher.topk(4)
    shares = shares / shares.sum(-1, keepdim=True)

    ours = linear_cross_entropy(features, weight, label, 0.1, Lesson(ids, shares, trust=0.7))
    found = torch.autograd.grad(2.0 * ours, (features, weight))
    logits, real = features @ weight.T, label != PAD
    hard = F.cross_entropy(logits[real], label[real], reduction="sum", label_smoothing=0.1)
    soft = F.cross_entropy(logits[real], torch.zeros_like(teacher).scatter(-1, ids, shares)[real], reduction="sum")
    theirs = 0.3 * hard + 0.7 * soft
    expected = torch.autograd.grad(2.0 * theirs, (features, weight))

    torch.testing.assert_close(ours, theirs)
    for ours_grad, theirs_grad in zip(found, expected, strict=True):
        torch.testing.assert_close(ours_grad, theirs_grad)


def test_what_a_teachers_shares_lack_is_the_labels() -> None:
    torch.manual_seed(5)
    features = torch.randn(2, 3, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(11, 8, dtype=torch.float64, requires_grad=True)
    label = torch.randint(1, 11, (2, 3))
    ids = torch.randint(1, 11, (2, 3, 1))
    shares = torch.tensor([1.0, 0.6, 0.0, 0.0, 0.3, 1.0], dtype=torch.float64).view(2, 3, 1)
    lesson = Lesson(ids, shares, trust=0.7)

    ours = linear_cross_entropy(features, weight, label, 0.1, lesson)
    wanted = torch.zeros(2, 3, 11, dtype=torch.float64).scatter_add(2, ids, shares)
    wanted = wanted.scatter_add(2, label[..., None], 1 - shares)
    logits = (features @ weight.T).flatten(0, 1)
    theirs = 0.3 * F.cross_entropy(logits, label.flatten(), reduction="sum", label_smoothing=0.1)
    theirs = theirs + 0.7 * F.cross_entropy(logits, wanted.flatten(0, 1), reduction="sum")
    torch.testing.assert_close(ours, theirs)

    def loss(features: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return linear_cross_entropy(features, weight, label, 0.1, lesson)

    step = 1e-6 * torch.randn_like(weight)
    numeric = loss(features, weight + step) - loss(features, weight - step)
    grad_features, grad_weight = torch.autograd.grad(ours, (features, weight))
    torch.testing.assert_close(2 * (grad_weight * step).sum(), numeric, rtol=1e-6, atol=0.0)
    step = 1e-6 * torch.randn_like(features)
    numeric = loss(features + step, weight) - loss(features - step, weight)
    torch.testing.assert_close(2 * (grad_features * step).sum(), numeric, rtol=1e-6, atol=0.0)


def test_a_second_pass_back_is_refused_since_the_first_one_scales_in_place() -> None:
    features, weight = torch.randn(2, 3, 8, requires_grad=True), torch.randn(11, 8, requires_grad=True)
    loss = linear_cross_entropy(features, weight, torch.randint(1, 11, (2, 3)), 0.1)
    torch.autograd.grad(3.0 * loss, weight, retain_graph=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        torch.autograd.grad(3.0 * loss, weight)


@pytest.mark.parametrize("chunk_bytes", [256, 4 << 20])
def test_r_drop_equals_its_definition(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fused._CHUNK_BYTES, "cpu", chunk_bytes)
    torch.manual_seed(2)
    features = torch.randn(2, 3, 5, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(11, 8, dtype=torch.float64, requires_grad=True)
    label = torch.randint(1, 11, (3, 5))
    label[1, 3:] = PAD

    ours = r_drop(features, weight, label, smoothing=0.1, alpha=3.0)
    found = torch.autograd.grad(2.0 * ours, (features, weight))
    theirs = _r_drop_as_written(features, weight, label)
    expected = torch.autograd.grad(2.0 * theirs, (features, weight))

    torch.testing.assert_close(ours, theirs)
    for ours_grad, theirs_grad in zip(found, expected, strict=True):
        torch.testing.assert_close(ours_grad, theirs_grad)


def test_two_equal_passes_of_r_drop_cost_what_one_pass_does() -> None:
    torch.manual_seed(3)
    features, weight, label = torch.randn(3, 5, 8), torch.randn(11, 8), torch.randint(1, 11, (3, 5))
    once = linear_cross_entropy(features, weight, label, 0.1)
    torch.testing.assert_close(r_drop(torch.stack((features, features)), weight, label, 0.1, 5.0), once)


def _r_drop_as_written(features: torch.Tensor, weight: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """Half of equation 4 of Liang et al. 2021, α = 3, ε = 0.1, in (N, V) arrays."""
    one, two = (features[number][label != PAD] @ weight.T for number in (0, 1))
    label = label[label != PAD]
    entropies = sum(F.cross_entropy(z, label, reduction="sum", label_smoothing=0.1) for z in (one, two))
    log_p, log_q = one.log_softmax(-1), two.log_softmax(-1)
    there = F.kl_div(log_q, log_p, reduction="sum", log_target=True)
    back = F.kl_div(log_p, log_q, reduction="sum", log_target=True)
    return 0.5 * (entropies + 3.0 * 0.5 * (there + back))

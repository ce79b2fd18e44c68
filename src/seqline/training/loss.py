"""Cross-entropy with label smoothing, fused with the output layer and computed in chunks; R-Drop; a teacher's shares.

Legend: P passes over the same batch (1, or 2 for R-Drop), M positions, N real ones of a chunk, D model width,
V vocabulary, K pieces of which a target says something.

The (N, V) logits of a batch are by far the largest array of a small model. Computing them chunk by chunk into one
buffer, gradients included, keeps them in cache and never stores them (cf. Liger Kernel, Hsu et al. 2024).
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from seqline.models.products import product, product_added
from seqline.special import PAD
from seqline.training.batching import Lesson

_CHUNK_BYTES = {"cpu": 4 << 20, "cuda": 256 << 20}
"""Of logits: what a CPU's cache holds, and what keeps a GPU busy."""


class _LinearLoss(torch.autograd.Function):
    """Σ log Σ exp z − t·z − ε·h·w̄ over the positions, with logits z = W h, a sparse target t, and w̄ the mean row of W.

    w̄ gives the mean logit without a sum over the logits, and keeps the constant −ε/V out of their gradient. With ε, the
    target adds up to 1.
    """

    @staticmethod
    def forward(
        ctx: Any,
        features_PMD: Tensor,
        weight_VD: Tensor,
        is_real_M: Tensor,
        ids_MK: Tensor,
        target_MK: Tensor,
        smoothing: float,
        agreement: float,
    ) -> Tensor:
        rows_N = is_real_M.nonzero()[:, 0]
        num_passes, width = features_PMD.size(0), features_PMD.size(2)
        step = max(1, _CHUNK_BYTES[features_PMD.device.type] // (4 * num_passes * weight_VD.size(0)))
        grad_features_PMD = torch.zeros_like(features_PMD)
        grad_weight_VD = torch.zeros_like(weight_VD)
        buffer_NV = features_PMD.new_empty(num_passes * min(step, len(rows_N)), weight_VD.size(0))
        off = smoothing * (0.5 if agreement else 1.0)
        mean_D, sum_D = weight_VD.mean(dim=0), features_PMD.new_zeros(width)
        loss = features_PMD.new_zeros(())
        for rows in torch.split(rows_N, step):
            part_ND = features_PMD[:, rows].reshape(-1, width)
            ids_NK, target_NK = ids_MK[rows].repeat(num_passes, 1), target_MK[rows].repeat(num_passes, 1)
            scores_NV = product(part_ND, weight_VD.t(), out=buffer_NV[: len(part_ND)])
            loss += _loss_then_gradient(scores_NV, ids_NK, target_NK, agreement)
            # Autocast takes this product, the only one without an array to write to, for its own.
            grad_ND = product(scores_NV, weight_VD).to(weight_VD.dtype).sub_(mean_D, alpha=off)
            grad_features_PMD.index_copy_(1, rows, grad_ND.view(num_passes, -1, width))
            grad_weight_VD = product_added(grad_weight_VD, scores_NV.t(), part_ND)
            sum_D += part_ND.sum(dim=0)
        grad_weight_VD.sub_(sum_D, alpha=off / weight_VD.size(0))
        ctx.save_for_backward(grad_features_PMD, grad_weight_VD)
        return loss - off * sum_D.dot(mean_D)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None, None, None, None]:
        grad_features_PMD, grad_weight_VD = ctx.saved_tensors
        # In place, because nobody else has them: autograd refuses a second pass over tensors that have changed.
        return grad_features_PMD.mul_(grad), grad_weight_VD.mul_(grad), None, None, None, None, None


def _loss_then_gradient(scores_NV: Tensor, ids_NK: Tensor, target_NK: Tensor, agreement: float) -> Tensor:
    """The loss of a chunk but for its mean logits, and, in place of the logits, its gradient but for theirs."""
    if not agreement:
        return _entropy_then_gradient(scores_NV, ids_NK, target_NK)
    divergence, grad_NV = _divergence(scores_NV)
    entropy = _entropy_then_gradient(scores_NV, ids_NK, target_NK)
    scores_NV.mul_(0.5).add_(grad_NV, alpha=0.25 * agreement)
    return 0.5 * entropy + 0.25 * agreement * divergence


def _entropy_then_gradient(scores_NV: Tensor, ids_NK: Tensor, target_NK: Tensor) -> Tensor:
    """Σ log Σ exp z − t·z; the logits are overwritten by its gradient, softmax z − t.

    The softmax also tells log Σ exp z = max z − log max softmax z, and its maximum is never below 1/V.
    """
    scores_NK, highest_N = scores_NV.gather(1, ids_NK), scores_NV.amax(dim=1)
    torch.softmax(scores_NV, dim=1, out=scores_NV)
    loss = (highest_N - scores_NV.amax(dim=1).log()).sum() - (scores_NK * target_NK).sum()
    scores_NV.scatter_add_(1, ids_NK, -target_NK)
    return loss


def _divergence(scores_NV: Tensor) -> tuple[Tensor, Tensor]:
    """KL(p ‖ q) + KL(q ‖ p) of the first and the second half of the rows, summed, and its gradient.

    ∂KL(p ‖ q)/∂z_p = p ⊙ (log p/q − KL(p ‖ q)) and ∂KL(q ‖ p)/∂z_p = p − q; for z_q with p and q exchanged.
    """
    log_p_NV, log_q_NV = scores_NV.log_softmax(dim=1).chunk(2)
    p_NV, q_NV = log_p_NV.exp(), log_q_NV.exp()
    ratio_NV = log_p_NV - log_q_NV
    p_to_q_N1 = (p_NV * ratio_NV).sum(dim=1, keepdim=True)
    q_to_p_N1 = -(q_NV * ratio_NV).sum(dim=1, keepdim=True)
    grad_p_NV = p_NV * (ratio_NV - p_to_q_N1) + (p_NV - q_NV)
    grad_q_NV = q_NV * (-ratio_NV - q_to_p_N1) + (q_NV - p_NV)
    return (p_to_q_N1 + q_to_p_N1).sum(), torch.cat((grad_p_NV, grad_q_NV))


def linear_cross_entropy(
    features_BTD: Tensor,
    weight_VD: Tensor,
    label_BT: Tensor,
    smoothing: float,
    lesson: Lesson | None = None,
) -> Tensor:
    """Sum over real positions of ``cross_entropy(features @ weight.T, label)``; positions of PAD count nothing.

    Label smoothing mixes the one-hot target with the uniform distribution over V (Szegedy et al. 2016), as
    ``torch.nn.functional.cross_entropy`` does. A share of the target may be what a teacher expects (word-level
    distillation, Kim & Rush 2016, section 3.1).
    """
    return _summed(features_BTD[None], weight_VD, label_BT, smoothing, 0.0, lesson)


def r_drop(
    features_PBTD: Tensor,
    weight_VD: Tensor,
    label_BT: Tensor,
    smoothing: float,
    alpha: float,
    lesson: Lesson | None = None,
) -> Tensor:
    """R-Drop (Liang et al. 2021): cross-entropy of two passes with different dropout, and how much they disagree.

    Sum over real positions of ½·(CE₁ + CE₂) + ¼·α·(KL(p₁ ‖ p₂) + KL(p₂ ‖ p₁)): half of the paper's, so that its mean
    compares with that of one pass.
    """
    return _summed(features_PBTD, weight_VD, label_BT, smoothing, alpha, lesson)


def _summed(
    features_PBTD: Tensor,
    weight_VD: Tensor,
    label_BT: Tensor,
    smoothing: float,
    alpha: float,
    lesson: Lesson | None,
) -> Tensor:
    features_PMD, label_M1 = features_PBTD.flatten(1, 2).to(weight_VD.dtype), label_BT.reshape(-1, 1)
    ids_MK, target_MK = label_M1, features_PMD.new_full(label_M1.shape, 1 - smoothing)
    if lesson is not None:
        smoothing *= 1 - lesson.trust
        ids_MK = torch.cat((label_M1, lesson.ids_BTK.flatten(0, 1)), dim=1)
        taught_MK = lesson.shares_BTK.flatten(0, 1).to(weight_VD.dtype) * lesson.trust
        target_MK = torch.cat((1 - smoothing - taught_MK.sum(dim=1, keepdim=True), taught_MK), dim=1)
    loss: Tensor = _LinearLoss.apply(  # type: ignore[no-untyped-call]
        features_PMD, weight_VD, label_M1[:, 0] != PAD, ids_MK, target_MK, smoothing, alpha
    )
    return loss

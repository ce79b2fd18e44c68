"""Cross-entropy with label smoothing, fused with the output layer and computed in chunks; and R-Drop.

Legend: P passes over the same batch (1, or 2 for R-Drop), N positions, D model width, V vocabulary.

The (N, V) logits of a batch are by far the largest array of a small model. Computing them chunk by chunk into one
buffer, gradients included, keeps them in cache and never stores them (cf. Liger Kernel, Hsu et al. 2024).
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from seqline.special import PAD

_CHUNK_BYTES = {"cpu": 4 << 20, "cuda": 256 << 20}
"""Of logits: what a CPU's cache holds, and what keeps a GPU busy."""


class _LinearLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, features_PND: Tensor, weight_VD: Tensor, label_N: Tensor, smoothing: float, agreement: float
    ) -> Tensor:
        num_passes, num_labels, width = features_PND.shape
        step = max(1, _CHUNK_BYTES[features_PND.device.type] // (4 * num_passes * weight_VD.size(0)))
        grad_features_PND = torch.empty_like(features_PND)
        grad_weight_VD = torch.zeros_like(weight_VD)
        buffer_NV = features_PND.new_empty(num_passes * min(step, num_labels), weight_VD.size(0))
        loss = features_PND.new_zeros(())
        for begin in range(0, num_labels, step):
            label, part = label_N[begin : begin + step].repeat(num_passes), slice(begin, begin + step)
            part_ND = features_PND[:, part].reshape(-1, width)
            scores_NV = torch.mm(part_ND, weight_VD.t(), out=buffer_NV[: len(label)])
            loss += _loss_then_gradient(scores_NV, label, smoothing, agreement)
            grad_features_PND[:, part] = torch.mm(scores_NV, weight_VD).view(num_passes, -1, width)
            grad_weight_VD.addmm_(scores_NV.t(), part_ND)
        ctx.save_for_backward(grad_features_PND, grad_weight_VD)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        grad_features_PND, grad_weight_VD = ctx.saved_tensors
        return grad_features_PND * grad, grad_weight_VD * grad, None, None, None


def _loss_then_gradient(scores_NV: Tensor, label_N: Tensor, smoothing: float, agreement: float) -> Tensor:
    """The loss of a chunk, whose logits are overwritten by their gradient."""
    if not agreement:
        return _entropy_then_gradient(scores_NV, label_N, smoothing)
    divergence, grad_NV = _divergence(scores_NV)
    entropy = _entropy_then_gradient(scores_NV, label_N, smoothing)
    scores_NV.mul_(0.5).add_(grad_NV, alpha=0.25 * agreement)
    return 0.5 * entropy + 0.25 * agreement * divergence


def _entropy_then_gradient(scores_NV: Tensor, label_N: Tensor, smoothing: float) -> Tensor:
    """Sum of the smoothed cross-entropies; the logits are overwritten by their gradient."""
    vocabulary = scores_NV.size(1)
    at_label_N1 = scores_NV.gather(1, label_N[:, None])
    sum_N = scores_NV.sum(dim=1)
    log_z_N = scores_NV.logsumexp(dim=1)
    off = smoothing / vocabulary
    loss = (log_z_N - (1 - smoothing) * at_label_N1[:, 0] - off * sum_N).sum()
    scores_NV.sub_(log_z_N[:, None]).exp_().sub_(off)
    scores_NV.scatter_add_(1, label_N[:, None], scores_NV.new_full(at_label_N1.shape, -(1 - smoothing)))
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


def linear_cross_entropy(features_BTD: Tensor, weight_VD: Tensor, label_BT: Tensor, smoothing: float) -> Tensor:
    """Sum over real positions of ``cross_entropy(features @ weight.T, label)``; positions of PAD count nothing.

    Label smoothing mixes the one-hot target with the uniform distribution over V (Szegedy et al. 2016), as
    ``torch.nn.functional.cross_entropy`` does.
    """
    return _summed(features_BTD[None], weight_VD, label_BT, smoothing, 0.0)


def r_drop(features_PBTD: Tensor, weight_VD: Tensor, label_BT: Tensor, smoothing: float, alpha: float) -> Tensor:
    """R-Drop (Liang et al. 2021): cross-entropy of two passes with different dropout, and how much they disagree.

    Sum over real positions of ½·(CE₁ + CE₂) + ¼·α·(KL(p₁ ‖ p₂) + KL(p₂ ‖ p₁)): half of the paper's, so that its mean
    compares with that of one pass.
    """
    return _summed(features_PBTD, weight_VD, label_BT, smoothing, alpha)


def _summed(features_PBTD: Tensor, weight_VD: Tensor, label_BT: Tensor, smoothing: float, alpha: float) -> Tensor:
    keep_BT = label_BT != PAD
    features_PND = features_PBTD[:, keep_BT].to(weight_VD.dtype)
    loss: Tensor = _LinearLoss.apply(  # type: ignore[no-untyped-call]
        features_PND, weight_VD, label_BT[keep_BT], smoothing, alpha
    )
    return loss

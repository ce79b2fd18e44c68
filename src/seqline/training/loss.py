"""Cross-entropy with label smoothing, fused with the output layer and computed in chunks.

Legend: N positions, D model width, V vocabulary.

The (N, V) logits of a batch are by far the largest array of a small model. Computing them chunk by chunk into one
buffer, gradients included, keeps them in cache and never stores them (cf. Liger Kernel, Hsu et al. 2024).
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from seqline.special import PAD

_CHUNK_BYTES = 4 << 20


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features_ND: Tensor, weight_VD: Tensor, label_N: Tensor, smoothing: float) -> Tensor:
        num_labels = label_N.numel()
        step = max(1, _CHUNK_BYTES // (4 * weight_VD.size(0)))
        grad_features_ND = torch.empty_like(features_ND)
        grad_weight_VD = torch.zeros_like(weight_VD)
        buffer_NV = features_ND.new_empty(min(step, num_labels), weight_VD.size(0))
        loss = features_ND.new_zeros(())
        for begin in range(0, num_labels, step):
            part_ND, label = features_ND[begin : begin + step], label_N[begin : begin + step]
            scores_NV = torch.mm(part_ND, weight_VD.t(), out=buffer_NV[: len(label)])
            loss += _loss_then_gradient(scores_NV, label, smoothing)
            torch.mm(scores_NV, weight_VD, out=grad_features_ND[begin : begin + step])
            grad_weight_VD.addmm_(scores_NV.t(), part_ND)
        ctx.save_for_backward(grad_features_ND, grad_weight_VD)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        grad_features_ND, grad_weight_VD = ctx.saved_tensors
        return grad_features_ND * grad, grad_weight_VD * grad, None, None


def _loss_then_gradient(scores_NV: Tensor, label_N: Tensor, smoothing: float) -> Tensor:
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


def linear_cross_entropy(features_BTD: Tensor, weight_VD: Tensor, label_BT: Tensor, smoothing: float) -> Tensor:
    """Sum over real positions of ``cross_entropy(features @ weight.T, label)``; positions of PAD count nothing.

    Label smoothing mixes the one-hot target with the uniform distribution over V (Szegedy et al. 2016), as
    ``torch.nn.functional.cross_entropy`` does.
    """
    keep_BT = label_BT != PAD
    loss: Tensor = _LinearCrossEntropy.apply(  # type: ignore[no-untyped-call]
        features_BTD[keep_BT], weight_VD, label_BT[keep_BT], smoothing
    )
    return loss

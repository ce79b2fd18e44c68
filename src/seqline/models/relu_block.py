"""A feed-forward block with ReLU and dropout, as one step of a CPU's backward pass.

    y = s·h Vᵀ + c,   h = m ⊙ relu(x Wᵀ + b)

with m the dropout mask and s its scale. h is made in place and alone is kept: where it is zero, ReLU or dropout has
been at work, so its own zeros are the mask of the gradient:

    ∂V = s·∂yᵀ h,   ∂u = s·∂y V ⊙ [h > 0],   ∂W = ∂uᵀ x,   ∂x = ∂u W

The scale is applied to the narrow ∂y and inside a product, never to the wide h. Positions go through the block some
at a time: only the products read and write memory.

Legend: N positions, D model width, U feed-forward units.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from seqline.models.dropout import Dropout

_ROWS = 512
"""Taken through the block at a time, so that what lies between its products stays in a CPU's cache."""


def relu_block(x_BTD: Tensor, up: nn.Linear, down: nn.Linear, dropout: Dropout) -> Tensor:
    """``down(dropout(relu(up x)))``, (B, T, D) → (B, T, D)."""
    y_ND: Tensor = _ReluBlock.apply(  # type: ignore[no-untyped-call]
        x_BTD.flatten(0, -2), up.weight, up.bias, down.weight, down.bias, dropout
    )
    return y_ND.view(x_BTD.shape)


class _ReluBlock(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x_ND: Tensor, up_UD: Tensor, up_U: Tensor, down_DU: Tensor, down_D: Tensor, dropout: Dropout
    ) -> Tensor:
        ctx.scale = dropout.scale if dropout.acts else 1.0
        hidden_NU, y_ND = x_ND.new_empty(len(x_ND), len(up_UD)), torch.empty_like(x_ND)
        for x, hidden, y in zip(*(whole.split(_ROWS) for whole in (x_ND, hidden_NU, y_ND)), strict=True):
            torch.addmm(up_U, x, up_UD.t(), out=hidden).relu_()
            if dropout.acts:
                hidden.mul_(dropout.keep(hidden))
            torch.addmm(down_D, hidden, down_DU.t(), alpha=ctx.scale, out=y)
        ctx.save_for_backward(x_ND, hidden_NU, up_UD, down_DU)
        return y_ND

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_ND: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, None]:
        x_ND, hidden_NU, up_UD, down_DU = ctx.saved_tensors
        scaled_ND, of_x_ND = grad_ND * ctx.scale, torch.empty_like(x_ND)
        of_up_UD, of_up_U, of_down_DU = torch.zeros_like(up_UD), up_UD.new_zeros(len(up_UD)), torch.zeros_like(down_DU)
        buffer_NU = hidden_NU.new_empty(min(_ROWS, len(x_ND)), len(up_UD))
        wholes = (scaled_ND, x_ND, hidden_NU, of_x_ND)
        for scaled, x, hidden, of_x in zip(*(whole.split(_ROWS) for whole in wholes), strict=True):
            of_hidden = torch.mm(scaled, down_DU, out=buffer_NU[: len(x)])
            torch.ops.aten.threshold_backward.grad_input(of_hidden, hidden, 0, grad_input=of_hidden)
            torch.mm(of_hidden, up_UD, out=of_x)
            of_up_UD.addmm_(of_hidden.t(), x)
            of_down_DU.addmm_(scaled.t(), hidden)
            of_up_U += of_hidden.sum(dim=0)
        return of_x_ND, of_up_UD, of_up_U, of_down_DU, grad_ND.sum(dim=0), None

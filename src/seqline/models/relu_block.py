"""A feed-forward block with ReLU and dropout, as one step of a CPU's backward pass.

    y = s·h Vᵀ + c,   h = m ⊙ relu(x Wᵀ + b)

with m the dropout mask and s its scale. h is made in place and alone is kept: where it is zero, ReLU or dropout has
been at work, so its own zeros are the mask of the gradient:

    ∂V = s·∂yᵀ h,   ∂u = s·∂y V ⊙ [h > 0],   ∂W = ∂uᵀ x,   ∂x = ∂u W

The scale is applied to the narrow ∂y and inside a product, never to the wide h.

Legend: N positions, D model width, U feed-forward units.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from seqline.models.dropout import Dropout
from seqline.models.products import Linear, product, rounding


def relu_block(x_BTD: Tensor, up: Linear, down: Linear, dropout: Dropout) -> Tensor:
    """``down(dropout(relu(up x)))``, (B, T, D) → (B, T, D); in bf16 where ``up`` rounds."""
    y_ND: Tensor = _ReluBlock.apply(  # type: ignore[no-untyped-call]
        x_BTD.flatten(0, -2), up.weight, up.bias, down.weight, down.bias, dropout, up.rounds
    )
    return y_ND.view(x_BTD.shape)


class _ReluBlock(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x_ND: Tensor,
        up_UD: Tensor,
        up_U: Tensor,
        down_DU: Tensor,
        down_D: Tensor,
        dropout: Dropout,
        rounds: bool,
    ) -> Tensor:
        ctx.scale, ctx.rounds = dropout.scale if dropout.acts else 1.0, rounds
        with rounding(rounds):
            hidden_NU = product(x_ND, up_UD.t(), up_U).relu_()
            if dropout.acts:
                hidden_NU.mul_(dropout.keep(hidden_NU))
            ctx.save_for_backward(x_ND, hidden_NU, up_UD, down_DU)
            return torch.add(down_D, product(hidden_NU, down_DU.t()), alpha=ctx.scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_ND: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, None, None]:
        x_ND, hidden_NU, up_UD, down_DU = ctx.saved_tensors
        scaled_ND = grad_ND * ctx.scale
        with rounding(ctx.rounds):
            grad_NU = product(scaled_ND, down_DU)
            torch.ops.aten.threshold_backward.grad_input(grad_NU, hidden_NU, 0, grad_input=grad_NU)
            of_x_ND, of_up_UD = product(grad_NU, up_UD), product(grad_NU.t(), x_ND)
            of_down_DU = product(scaled_ND.t(), hidden_NU)
        return of_x_ND, of_up_UD, grad_NU.sum(0), of_down_DU, grad_ND.sum(0), None, None

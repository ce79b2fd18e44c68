"""Matrix products of float32 tensors that a CPU may compute in bf16.

In training: told so, oneDNN rounds both factors to bf16 as it reads them and adds up in float32. With the tiles of
AMX the products of a training step take less than half the time. Whatever lies between products stays float32 and
nothing is cast, unlike under autocast, where casts eat the gain. It is asked for product by product, because torch's
attention on a CPU gets ten times slower by it (docs/log.md).

In inference the weights are rounded once, because what oneDNN is told holds for all threads of a process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

_LEAST_ROWS = 16
"""Of fewer rows, float32 is faster."""


class Linear(nn.Linear):
    """``torch.nn.Linear`` that computes in bf16: in training while it ``rounds``, in inference while it is ``halved``.

    ``halved`` holds weight and bias in bf16.
    """

    rounds = False
    halved: tuple[Tensor, Tensor | None] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, E)."""
        if self.rounds:
            y: Tensor = _RoundedLinear.apply(x, self.weight, self.bias)  # type: ignore[no-untyped-call]
            return y
        if self.halved and x.numel() >= _LEAST_ROWS * self.in_features:
            return F.linear(x.bfloat16(), *self.halved).float()
        return super().forward(x)


def cpu_has_bf16() -> bool:
    """Whether products in bf16 are faster than in float32 on this CPU: it has AMX."""
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


@contextmanager
def rounding(is_on: bool) -> Iterator[None]:
    """Where it is on, the products of a block are computed in bf16, if the CPU has instructions for it."""
    settings = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]  # made when torch is imported
    before = settings.fp32_precision
    settings.fp32_precision = "bf16" if is_on else before
    try:
        yield
    finally:
        settings.fp32_precision = before


@contextmanager
def layers_rounding(model: nn.Module, is_on: bool) -> Iterator[None]:
    """Where it is on, the model's :class:`Linear` layers round inside a block, and nothing else does."""
    layers = [module for module in model.modules() if isinstance(module, Linear)] if is_on else []
    for layer in layers:
        layer.rounds = True
    try:
        yield
    finally:
        for layer in layers:
            layer.rounds = False


@contextmanager
def layers_halved(model: nn.Module) -> Iterator[None]:
    """Inside a block the model's :class:`Linear` layers compute in bf16, without gradients, in all threads."""
    layers = [module for module in model.modules() if isinstance(module, Linear)]
    for layer in layers:
        bias = None if layer.bias is None else layer.bias.detach().bfloat16()
        layer.halved = layer.weight.detach().bfloat16(), bias
    try:
        yield
    finally:
        for layer in layers:
            layer.halved = None


class _RoundedLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight_ED: Tensor, bias_E: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight_ED)
        ctx.has_bias = bias_E is not None
        with rounding(is_on=True):
            return F.linear(x, weight_ED, bias_E)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        x, weight_ED = ctx.saved_tensors
        grad_NE, x_ND = grad.flatten(0, -2), x.flatten(0, -2)
        with rounding(is_on=True):
            of_x_ND, of_weight_ED = grad_NE @ weight_ED, grad_NE.t() @ x_ND
        return of_x_ND.view(x.shape), of_weight_ED, grad_NE.sum(dim=0) if ctx.has_bias else None

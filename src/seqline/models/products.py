"""Matrix products of float32 tensors: by the library that is fast on this CPU, and in bf16 where that is faster still.

**Whose.** torch asks MKL, which on AMD's CPUs leaves AVX-512 unused; oneDNN does the same products in half the time
there, as exactly.

**bf16.** In training: told so, oneDNN rounds both factors to bf16 as it reads them and adds up in float32. With the
tiles of AMX the products of a training step take less than half the time. Whatever lies between products stays float32
and nothing is cast, unlike under autocast, where casts eat the gain. It is asked for product by product, because
torch's attention on a CPU gets ten times slower by it (docs/log.md). In inference the weights are rounded once, because
what oneDNN is told holds for all threads of a process.
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


def _leaves_mkl_behind() -> bool:
    abilities = torch.cpu.get_capabilities()
    if not abilities.get("avx512_f") or "AMD" not in str(abilities.get("cpu_name")):
        return False
    return bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]


BY_ONEDNN = _leaves_mkl_behind()
"""Whether products in float32 are computed by oneDNN on this CPU."""


def product(a_MK: Tensor, b_KN: Tensor, bias_N: Tensor | None = None, *, out: Tensor | None = None) -> Tensor:
    """``a @ b + bias`` (M, N), without a gradient; it may be written to ``out`` (M, N)."""
    if _suits_onednn(a_MK):
        y_MN: Tensor = torch.ops.mkldnn._linear_pointwise(a_MK, b_KN.t(), bias_N, "none", [], "")
        return y_MN
    if bias_N is None:
        return torch.mm(a_MK, b_KN) if out is None else torch.mm(a_MK, b_KN, out=out)
    return torch.addmm(bias_N, a_MK, b_KN)


def product_added(sum_MN: Tensor, a_MK: Tensor, b_KN: Tensor) -> Tensor:
    """``sum + a @ b``, without a gradient; ``sum`` may be overwritten."""
    if _suits_onednn(a_MK):
        y_MN: Tensor = torch.ops.mkldnn._linear_pointwise.binary(a_MK, sum_MN, b_KN.t(), None, "add")
        return y_MN
    return sum_MN.addmm_(a_MK, b_KN)


def _suits_onednn(a_MK: Tensor) -> bool:
    return (
        BY_ONEDNN and bool(torch.backends.mkldnn.enabled) and a_MK.device.type == "cpu" and a_MK.dtype == torch.float32
    )


class Linear(nn.Linear):
    """``torch.nn.Linear`` by the faster library.

    In bf16 it computes in training while it ``rounds``, in inference while it is ``halved``: weight and bias in bf16.
    """

    rounds = False
    halved: tuple[Tensor, Tensor | None] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, E)."""
        if self.halved and x.numel() >= _LEAST_ROWS * self.in_features:
            return F.linear(x.bfloat16(), *self.halved).float()
        if self.rounds or _suits_onednn(x):
            y: Tensor = _Linear.apply(x, self.weight, self.bias, self.rounds)  # type: ignore[no-untyped-call]
            return y
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


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight_ED: Tensor, bias_E: Tensor | None, rounds: bool) -> Tensor:
        x_ND = x.flatten(0, -2)
        ctx.save_for_backward(x_ND, weight_ED)
        ctx.has_bias, ctx.shape, ctx.rounds = bias_E is not None, x.shape, rounds
        with rounding(rounds):
            return product(x_ND, weight_ED.t(), bias_E).view(*x.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor | None, None]:
        x_ND, weight_ED = ctx.saved_tensors
        grad_NE = grad.flatten(0, -2)
        with rounding(ctx.rounds):
            of_x_ND, of_weight_ED = product(grad_NE, weight_ED), product(grad_NE.t(), x_ND)
        return of_x_ND.view(ctx.shape), of_weight_ED, grad_NE.sum(dim=0) if ctx.has_bias else None, None

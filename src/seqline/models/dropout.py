"""Dropout (Srivastava et al. 2014) that draws eight decisions from one random number.

``torch.nn.Dropout`` draws one number per element, serially on a CPU: over a quarter of a small model's training step
(``benchmarks/dropout.py``).
One random byte per element is enough; the rate is rounded to 1/256, and the scale follows the rounded rate.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_LOWEST, _HIGHEST = torch.iinfo(torch.int64).min, torch.iinfo(torch.int64).max


class Dropout(nn.Module):
    """Zeroes a share ``rate`` of the elements in training and scales the others so that the mean stays."""

    def __init__(self, rate: float | None, otherwise: float = 0.0) -> None:
        """``otherwise`` is the rate where none is given."""
        super().__init__()
        rate = otherwise if rate is None else rate
        self.threshold = min(255, round(rate * 256))

    def forward(self, x: Tensor) -> Tensor:
        """Any shape in, the same shape out; the identity in evaluation mode."""
        if not self.acts:
            return x
        dropped: Tensor = x * self.keep(x).mul_(self.scale)
        return dropped

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        """``x + dropout(y)``, a residual connection; in one pass over the data on a CPU."""
        if not self.acts or x.device.type != "cpu" or x.dtype != y.dtype:
            return x + self.forward(y)
        total: Tensor = _AddDropped.apply(x, y, self.keep(y).mul_(self.scale))  # type: ignore[no-untyped-call]
        return total

    @property
    def acts(self) -> bool:
        """Whether it changes anything: in training, at a rate above zero."""
        return self.training and self.threshold > 0

    @property
    def scale(self) -> float:
        """What an element that stays is multiplied by."""
        return 256 / (256 - self.threshold)

    def keep(self, like: Tensor) -> Tensor:
        """Ones and zeros by lot, zero at the rate, of the shape, type and device of ``like``."""
        # In place on numbers: half the time of a comparison whose bool is converted afterwards.
        return _random_bytes(like).to(like.dtype).ge_(self.threshold)


class _AddDropped(torch.autograd.Function):
    """x + m ⊙ y; unlike ``torch.addcmul``'s own, its backward pass makes no copy of m."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, mask: Tensor) -> Tensor:
        ctx.save_for_backward(mask)
        return torch.addcmul(x, y, mask)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        (mask,) = ctx.saved_tensors
        return grad, grad * mask, None


def _random_bytes(like: Tensor) -> Tensor:
    """Uniform bytes of the shape of ``like``; all that they depend on is the state of torch's own generator.

    On a CPU torch only seeds a generator four times as fast as its own Mersenne Twister.
    """
    num_words = -(-like.numel() // 8)
    if like.device.type == "cpu":
        draw = np.random.Generator(np.random.SFC64(int(torch.randint(1 << 62, ()))))
        words = torch.from_numpy(draw.integers(_LOWEST, _HIGHEST, num_words, endpoint=True))
    else:
        words = torch.empty(num_words, dtype=torch.int64, device=like.device).random_(_LOWEST, None)
    return words.view(torch.uint8)[: like.numel()].view(like.shape)

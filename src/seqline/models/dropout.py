"""Dropout (Srivastava et al. 2014) that draws eight decisions from one random number.

``torch.nn.Dropout`` draws one number per element, serially on a CPU: over a quarter of a small model's training step
(``benchmarks/dropout.py``).
One random byte per element is enough; the rate is rounded to 1/256, and the scale follows the rounded rate.
"""

import torch
from torch import Tensor, nn

_LOWEST = torch.iinfo(torch.int64).min


class Dropout(nn.Module):
    """Zeroes a share ``rate`` of the elements in training and scales the others so that the mean stays."""

    def __init__(self, rate: float | None, otherwise: float = 0.0) -> None:
        """``otherwise`` is the rate where none is given."""
        super().__init__()
        rate = otherwise if rate is None else rate
        self.threshold = min(255, round(rate * 256))

    def forward(self, x: Tensor) -> Tensor:
        """Any shape in, the same shape out; the identity in evaluation mode."""
        if not self.training or self.threshold == 0:
            return x
        scale = 256 / (256 - self.threshold)
        return x * ((_random_bytes(x) >= self.threshold).to(x.dtype) * scale)


def _random_bytes(like: Tensor) -> Tensor:
    """Uniform bytes of the shape of ``like``, from torch's own generator, so that a checkpoint carries its state."""
    words = torch.empty(-(-like.numel() // 8), dtype=torch.int64, device=like.device).random_(_LOWEST, None)
    return words.view(torch.uint8)[: like.numel()].view(like.shape)

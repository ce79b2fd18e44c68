"""What the machine's matrix products reach: the peak that utilisation is a share of."""

import time
from collections.abc import Sequence

import torch

from seqline.models.products import product, rounding
from seqline.training.machine import Machine

_SIDES = {"cpu": (512, 1024, 2048), "cuda": (2048, 4096, 8192)}
_TRIES = 10


def peak_flops_per_s(machine: Machine, sides: Sequence[int] = ()) -> float:
    """Floating-point operations per second of the fastest product of square matrices, in the machine's precision."""
    with rounding(machine.rounds):
        return max(2 * side**3 / _seconds(machine, side) for side in sides or _SIDES[machine.device.type])


def _seconds(machine: Machine, side: int) -> float:
    """The best of some products."""
    half = machine.is_gpu and machine.precision == "bf16"
    dtype = torch.bfloat16 if half else torch.float32
    a, b = (torch.randn(side, side, device=machine.device, dtype=dtype) for _ in range(2))
    c = torch.empty_like(a)
    seconds = []
    for _ in range(_TRIES):
        machine.wait()
        begin = time.perf_counter()
        product(a, b, out=c)
        machine.wait()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)

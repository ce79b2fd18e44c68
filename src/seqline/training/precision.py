"""Which number format the matrix products of training use."""

from typing import Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]


def autocast_type(setting: Precision) -> torch.dtype | None:
    """The type to cast matrix products to, or None for float32.

    ``auto`` takes bfloat16 only where the processor multiplies it in hardware (AMX tiles: about twice as fast);
    emulated, on AVX2, it runs some fifty times slower than float32.
    """
    if setting == "auto":
        setting = "bfloat16" if torch.cpu.get_capabilities().get("amx_bf16") else "float32"
    return torch.bfloat16 if setting == "bfloat16" else None

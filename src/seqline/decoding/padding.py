"""Rows of ids as one tensor."""

from collections.abc import Sequence

import torch
from torch import Tensor

from seqline.special import PAD


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """Pad rows of ids on the right, (B, L)."""
    width = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (width - len(row))] for row in rows])

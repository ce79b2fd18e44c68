"""Where a piece stands in its sequence: sinusoids added to embeddings, or rotations of queries and keys.

Legend: P positions, D model width, K head width, H heads, T length, B rows.
"""

import math

import torch
from torch import Tensor


def sinusoids(num_positions: int, width: int) -> Tensor:
    """Position table (P, D): sines in the first half, cosines in the second (Vaswani et al. 2017, section 3.5)."""
    angles = _angles(num_positions, width)
    return torch.cat((angles.sin(), angles.cos()), dim=1)


def rotations(num_positions: int, head_width: int) -> Tensor:
    """Cosines and sines of the angle of each position and pair of coordinates, (2, P, K)."""
    angles = _angles(num_positions, head_width)
    return torch.stack((angles.cos().repeat(1, 2), angles.sin().repeat(1, 2)))


def rotated(x_BHTK: Tensor, rotations_2TK: Tensor) -> Tensor:
    """Queries or keys turned by their positions, so that products depend on distances alone (Su et al. 2021, RoFormer).

    Coordinate k is paired with k + K/2, as in GPT-NeoX.
    """
    cos_TK, sin_TK = rotations_2TK
    first, second = x_BHTK.chunk(2, dim=-1)
    turned_BHTK: Tensor = x_BHTK * cos_TK + torch.cat((-second, first), dim=-1) * sin_TK
    return turned_BHTK


def _angles(num_positions: int, width: int) -> Tensor:
    rates = torch.exp(torch.arange(width // 2) * (-math.log(10_000.0) / (width // 2)))
    return torch.arange(num_positions)[:, None] * rates

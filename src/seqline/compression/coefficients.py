"""Coefficient pruning: single weights become zero, wherever they stand (Han et al. 2015).

The matrices keep their shape, so nothing becomes faster; a packed bundle (``serving/packing.py``) becomes smaller.
"""

import torch

from seqline.models.base import EncoderDecoder
from seqline.models.matrices import matrices


@torch.no_grad()
def zero_smallest(model: EncoderDecoder, share: float) -> None:
    """In every matrix, embeddings too, make ``share`` of the weights zero: the smallest, the first of equal ones."""
    for weight in matrices(model):
        order = torch.argsort(weight.abs().flatten(), stable=True)
        weight.view(-1)[order[: int(share * weight.numel())]] = 0.0

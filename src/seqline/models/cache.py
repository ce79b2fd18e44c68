"""The keys and values of the target so far, for hypotheses that branch; nothing is copied when they do.

A step writes the keys and values of the K rows of a sentence into its next K *slots*, where they stay. A row looks at
all slots of its sentence through a mask that shows its own past alone; so when beam search moves hypotheses between
rows, only the mask is reordered. A row pays for K times as many products with keys, which is little beside a layer's
matrices, and saves two copies of the whole cache per step and layer.

Legend: B sentences, K rows of each, H heads, W head width, M slots so far, C slots that there is room for.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

_LEAST_CAPACITY = 64
HIDDEN = float("-inf")


class _Buffer:
    """Room for slots, and how many of them are taken; shared by the states of a search."""

    def __init__(self, keys_BHCW: Tensor, values_BHCW: Tensor, num_taken: int) -> None:
        self.keys_BHCW, self.values_BHCW, self.num_taken = keys_BHCW, values_BHCW, num_taken

    @property
    def capacity(self) -> int:
        return self.keys_BHCW.size(2)


@dataclass(frozen=True)
class Slots:
    """The first ``num`` slots of a buffer. A value: what it shows never changes, whatever is appended to it.

    Appending writes behind the last slot, in place; only where another append has been there already, or where there
    is no room, the buffer is copied, with twice the room.
    """

    buffer: _Buffer
    num: int

    @classmethod
    def of(cls, keys_BHMW: Tensor, values_BHMW: Tensor) -> Self:
        """The first slots of a search."""
        empty = [part[:, :, :0].detach() for part in (keys_BHMW, values_BHMW)]
        return cls(_Buffer(empty[0], empty[1], 0), 0).extended(keys_BHMW, values_BHMW)

    @property
    def keys(self) -> Tensor:
        """Keys of all slots, (B, H, M, W)."""
        return self.buffer.keys_BHCW[:, :, : self.num]

    @property
    def values(self) -> Tensor:
        """Values of all slots, (B, H, M, W)."""
        return self.buffer.values_BHCW[:, :, : self.num]

    def extended(self, keys_BHKW: Tensor, values_BHKW: Tensor) -> Self:
        """These slots and K more."""
        buffer, end = self.buffer, self.num + keys_BHKW.size(2)
        if buffer.num_taken != self.num or end > buffer.capacity:
            buffer = _grown(self.keys, self.values, self.num, max(buffer.capacity, 2 * end, _LEAST_CAPACITY))
        buffer.keys_BHCW[:, :, self.num : end] = keys_BHKW.detach()  # stepping is not for gradients
        buffer.values_BHCW[:, :, self.num : end] = values_BHKW.detach()
        buffer.num_taken = end
        return type(self)(buffer, end)

    def select(self, sentences_B: Tensor) -> Self:
        """The slots of chosen sentences, with the room they had."""
        parts = []
        for whole in (self.buffer.keys_BHCW, self.buffer.values_BHCW):
            room_BHCW = whole.new_empty(len(sentences_B), *whole.shape[1:])
            torch.index_select(whole[:, :, : self.num], 0, sentences_B, out=room_BHCW[:, :, : self.num])
            parts.append(room_BHCW)
        return type(self)(_Buffer(parts[0], parts[1], self.num), self.num)


def _grown(keys_BHMW: Tensor, values_BHMW: Tensor, num: int, capacity: int) -> _Buffer:
    rows, heads, _, width = keys_BHMW.shape
    parts = []
    for part in (keys_BHMW, values_BHMW):
        room_BHCW = part.new_empty(rows, heads, capacity, width)
        room_BHCW[:, :, :num] = part
        parts.append(room_BHCW)
    return _Buffer(parts[0], parts[1], num)


def own_past(mask_BKM: Tensor | None, num_slots: int, like_BKD: Tensor) -> Tensor | None:
    """The mask of a step: 0 at a row's past and at the slot it writes now, -inf at those of its neighbours.

    None stands for a mask that hides nothing.
    """
    sentences, rows, _ = like_BKD.shape
    if mask_BKM is None and rows == 1:
        return None
    if mask_BKM is None:
        mask_BKM = like_BKD.new_zeros(sentences, rows, num_slots)
    now_KK = like_BKD.new_full((rows, rows), HIDDEN).fill_diagonal_(0.0)
    return torch.cat((mask_BKM, now_KK.expand(sentences, rows, rows)), dim=2)

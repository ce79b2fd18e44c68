"""Batches of a token budget, made of pairs of nearly equal length.

Legend: B pairs, S source length (with EOS), T target length (with EOS), K pieces that a teacher finds likeliest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqline.special import BOS, EOS, PAD
from seqline.tokenization import Sequences

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lesson:
    """What a teacher expects at each position: its K likeliest pieces, and their probabilities among themselves.

    ``trust`` is its share of what is learnt; the rest is the label's, and so is what the probabilities lack to one.
    """

    ids_BTK: Tensor
    shares_BTK: Tensor
    trust: float

    def each(self, change: Callable[[Tensor], Tensor]) -> Self:
        """With its tensors changed."""
        return replace(self, ids_BTK=change(self.ids_BTK), shares_BTK=change(self.shares_BTK))


@dataclass(frozen=True)
class Batch:
    """Padded ids (int64). ``input`` is the label shifted right behind BOS; padding is PAD, on the right."""

    source_BS: Tensor
    input_BT: Tensor
    label_BT: Tensor
    lesson: Lesson | None = None

    @property
    def num_labels(self) -> int:
        """Real target positions, EOS included."""
        return int((self.label_BT != PAD).sum())

    def __len__(self) -> int:
        return len(self.source_BS)

    def split(self, parts: int) -> Iterator[Self]:
        """The batch in at most ``parts`` of about equal size, none of them empty."""
        number = min(parts, len(self))
        for place in range(number):
            yield self._each(lambda tensor: tensor.tensor_split(number)[place])  # noqa: B023 (called at once)

    def pinned(self) -> Self:
        """In memory from which a GPU fetches while the CPU goes on."""
        return self._each(Tensor.pin_memory)

    def to(self, device: torch.device) -> Self:
        """On a device."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=True))

    def _each(self, change: Callable[[Tensor], Tensor]) -> Self:
        lesson = self.lesson and self.lesson.each(change)
        return type(self)(change(self.source_BS), change(self.input_BT), change(self.label_BT), lesson)


def plan(source: Sequences, target: Sequences, batch_tokens: int, seed: int, epoch: int, pool: int = 0) -> list[Rows]:
    """The rows of each batch of an epoch, or of one of its pools: a function of seed, epoch and pool alone.

    Pairs are sorted by the longer of their sides and cut so that neither padded side exceeds ``batch_tokens``; the
    batches are then shuffled. Among equals they go from those with the longer source to those with the longer target,
    at the next length the other way round, and so on, so that neighbours differ little on both sides: that saves two
    fifths of the padding. Ties are in random order.
    """
    random = np.random.default_rng([seed, epoch, pool])
    source_length, target_length = source.lengths + 1, target.lengths + 1
    longest, slope = np.maximum(source_length, target_length), source_length - target_length
    order = np.lexsort((random.permutation(len(source)), np.where(longest % 2, slope, -slope), longest))
    cuts, begin = [], 0
    for i, length in enumerate(longest[order].tolist()):
        if i > begin and length * (i - begin + 1) > batch_tokens:
            cuts.append(i)
            begin = i
    batches = np.split(order, cuts)
    return [batches[i] for i in random.permutation(len(batches))]


def collate(source: list[npt.NDArray[np.uint16]], target: list[npt.NDArray[np.uint16]]) -> Batch:
    """Pad rows of ids into a batch."""
    source_BS = np.full((len(source), max(map(len, source)) + 1), PAD, dtype=np.int64)
    target_BT = np.full((len(target), max(map(len, target)) + 2), PAD, dtype=np.int64)
    for row, (source_ids, target_ids) in enumerate(zip(source, target, strict=True)):
        source_BS[row, : len(source_ids)] = source_ids
        source_BS[row, len(source_ids)] = EOS
        target_BT[row, 0] = BOS
        target_BT[row, 1 : len(target_ids) + 1] = target_ids
        target_BT[row, len(target_ids) + 1] = EOS
    ids_BT = torch.from_numpy(target_BT)
    inputs_BT = ids_BT[:, :-1].masked_fill(ids_BT[:, :-1] == EOS, PAD)
    return Batch(torch.from_numpy(source_BS), inputs_BT, ids_BT[:, 1:])


def padding_share(source: Sequences, target: Sequences, batches: list[Rows]) -> float:
    """Share of the padded batches that is padding."""
    real = padded = 0
    for lengths in (source.lengths + 1, target.lengths + 1):
        real += int(lengths.sum())
        padded += sum(int(lengths[rows].max()) * len(rows) for rows in batches)
    return 1 - real / max(padded, 1)

"""Batches of a token budget, made of pairs of nearly equal length.

Legend: B pairs, S source length (with EOS), T target length (with EOS).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seqline.special import BOS, EOS, PAD
from seqline.tokenization import Sequences

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Padded ids (int64). ``input`` is the label shifted right behind BOS; padding is PAD, on the right."""

    source_BS: Tensor
    input_BT: Tensor
    label_BT: Tensor

    @property
    def num_labels(self) -> int:
        """Real target positions, EOS included."""
        return int((self.label_BT != PAD).sum())


def plan(source: Sequences, target: Sequences, batch_tokens: int, seed: int, epoch: int) -> list[Rows]:
    """The rows of each batch of an epoch: a function of seed and epoch alone.

    Pairs are sorted by target, then source length, ties in random order, and cut so that neither padded side exceeds
    ``batch_tokens``; the batches are then shuffled.
    """
    random = np.random.default_rng([seed, epoch])
    source_length, target_length = source.lengths + 1, target.lengths + 1
    order = np.lexsort((random.permutation(len(source)), source_length, target_length))
    longest = np.maximum(source_length, target_length)[order]
    cuts, begin, width = [], 0, 0
    for i, length in enumerate(longest):
        width = max(width, int(length))
        if i > begin and width * (i - begin + 1) > batch_tokens:
            cuts.append(i)
            begin, width = i, int(length)
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
    for rows in batches:
        for lengths in (source.lengths[rows] + 1, target.lengths[rows] + 1):
            real += int(lengths.sum())
            padded += int(lengths.max()) * len(rows)
    return 1 - real / max(padded, 1)

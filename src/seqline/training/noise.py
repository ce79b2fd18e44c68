"""Word dropout: pieces that a model has to do without."""

from dataclasses import replace

import torch
from torch import Tensor

from seqline.special import EOS, UNK
from seqline.training.batching import Batch


def word_dropout(batch: Batch, rate: float) -> Batch:
    """Replace a share of the source pieces and of the target *inputs* by UNK; labels stay.

    Without its left neighbours a decoder must look at the source (Bowman et al. 2016), and an encoder that misses a
    piece must read its context (Gal & Ghahramani 2016; Sennrich et al. 2016, who zero the embedding instead). UNK is
    free for it: bytes stand in for unknown characters, so it never occurs in a text. PAD, BOS and EOS are spared.
    """
    return replace(batch, source_BS=_dropped(batch.source_BS, rate), input_BT=_dropped(batch.input_BT, rate))


def _dropped(ids: Tensor, rate: float) -> Tensor:
    hit = (torch.rand(ids.shape) < rate).to(ids.device) & (ids > EOS)
    return ids.masked_fill(hit, UNK)

"""The log-probability that a model gives to a translation."""

import torch
from torch import Tensor
from torch.nn import functional as F

from seqline.models.base import EncoderDecoder
from seqline.special import PAD


@torch.inference_mode()
def score(model: EncoderDecoder, source_BS: Tensor, input_BT: Tensor, label_BT: Tensor) -> Tensor:
    """Log-probability of each label, (B, T); zero at padding."""
    logits_BTV = model.output(model(source_BS, input_BT)).float()
    log_prob_BT = F.log_softmax(logits_BTV, dim=-1).gather(-1, label_BT[:, :, None]).squeeze(-1)
    return log_prob_BT.masked_fill(label_BT == PAD, 0.0)

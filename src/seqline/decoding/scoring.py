"""The log-probability that a model gives to a translation: forced decoding.

Legend: B sentences, S source length, T target length, V vocabulary.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from seqline.models.base import AnyMemory, EncoderDecoder, StepModel
from seqline.special import PAD


@torch.inference_mode()
def score(model: EncoderDecoder, source_BS: Tensor, input_BT: Tensor, label_BT: Tensor) -> Tensor:
    """Log-probability of each label, (B, T); zero at padding."""
    logits_BTV = model.output(model(source_BS, input_BT)).float()
    log_prob_BT = F.log_softmax(logits_BTV, dim=-1).gather(-1, label_BT[:, :, None]).squeeze(-1)
    return log_prob_BT.masked_fill(label_BT == PAD, 0.0)


@torch.inference_mode()
def score_by_steps(model: StepModel[AnyMemory], source_BS: Tensor, input_BT: Tensor, label_BT: Tensor) -> Tensor:
    """The same, of a model that can only step: forced decoding, piece by piece."""
    state, found = model.start(model.encode(source_BS)), []
    for input_B, label_B in zip(input_BT.unbind(dim=1), label_BT.unbind(dim=1), strict=True):
        log_probs_BV, state = model.step(state, input_B)
        found.append(log_probs_BV.gather(1, label_B[:, None]))
    return torch.cat(found, dim=1).masked_fill(label_BT == PAD, 0.0)

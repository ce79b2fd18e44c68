"""The log-probability that a model gives to a translation: forced decoding.

Legend: B sentences, S source length, T target length, N real positions, D model width, V vocabulary.
"""

import torch
from torch import Tensor

from seqline.models.base import AnyMemory, EncoderDecoder, StepModel
from seqline.special import PAD

_CHUNK_LOGITS = 1 << 20
"""By far the largest array: so many of it stay in cache."""


@torch.inference_mode()
def score(model: EncoderDecoder, source_BS: Tensor, input_BT: Tensor, label_BT: Tensor) -> Tensor:
    """Log-probability of each label, (B, T), all positions at once; zero at padding."""
    is_real_BT = label_BT != PAD
    features_ND, label_N = model(source_BS, input_BT)[is_real_BT], label_BT[is_real_BT]
    num_rows = max(1, _CHUNK_LOGITS // model.output.out_features)
    parts = zip(torch.split(features_ND, num_rows), torch.split(label_N, num_rows), strict=True)
    log_prob_N = torch.cat([_log_probs(model.output(features), labels) for features, labels in parts])
    return torch.zeros(label_BT.shape).masked_scatter(is_real_BT, log_prob_N)


def _log_probs(logits_NV: Tensor, label_N: Tensor) -> Tensor:
    logits_NV = logits_NV.float()
    return logits_NV.gather(1, label_N[:, None])[:, 0] - logits_NV.logsumexp(dim=1)


@torch.inference_mode()
def score_by_steps(model: StepModel[AnyMemory], source_BS: Tensor, input_BT: Tensor, label_BT: Tensor) -> Tensor:
    """The same, of a model that can only step: forced decoding, piece by piece."""
    state, found = model.start(model.encode(source_BS)), []
    for input_B, label_B in zip(input_BT.unbind(dim=1), label_BT.unbind(dim=1), strict=True):
        log_probs_BV, state = model.step(state, input_B)
        found.append(log_probs_BV.gather(1, label_B[:, None]))
    return torch.cat(found, dim=1).masked_fill(label_BT == PAD, 0.0)

"""How well a model predicts text that it was not trained on."""

from collections.abc import Sequence

import torch

from seqline.models.base import EncoderDecoder
from seqline.training.batching import Batch
from seqline.training.loss import linear_cross_entropy


def held_out_loss(model: EncoderDecoder, batches: Sequence[Batch]) -> float:
    """Mean cross-entropy of the target pieces, in nats."""
    model.eval()
    with torch.inference_mode():
        total = sum(
            linear_cross_entropy(
                model(batch.source_BS, batch.input_BT), model.output.weight, batch.label_BT, smoothing=0.0
            ).item()
            for batch in batches
        )
    return total / sum(batch.num_labels for batch in batches)

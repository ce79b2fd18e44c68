"""How important each head and each feed-forward unit of a Transformer is.

Legend: H heads, U feed-forward units; a unit's own weights are the rows that make it, with their biases, and the
columns that read it.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from seqline.compression.blocks import Block, blocks, incoming, num_units, outgoing
from seqline.models.transformer import Transformer
from seqline.training.batching import Batch
from seqline.training.loss import linear_cross_entropy

Importances = dict[str, Tensor]
"""Of each head (H,) and each unit (U,), by the name of the block that it stands in."""


def taylor(model: Transformer, batches: Iterable[Batch]) -> Importances:
    """The first-order estimate of what the loss would change without a unit: Σ |w · ∂L/∂w| over its own weights.

    Michel et al. 2019 for heads, Molchanov et al. 2019; added up over batches. The loss is summed over target pieces,
    so longer batches count more. Dropout is off; the weights stay as they are.
    """
    model.eval()
    totals = {name: torch.zeros(num_units(block)) for name, block in blocks(model).items()}
    for batch in batches:
        model.zero_grad(set_to_none=True)
        features_BTD = model(batch.source_BS, batch.input_BT)
        loss = linear_cross_entropy(features_BTD, model.output.weight, batch.label_BT, smoothing=0.0)
        torch.autograd.backward(loss)
        for name, block in blocks(model).items():
            totals[name] += _per_unit(block, _saliency)
    model.zero_grad(set_to_none=True)
    return totals


def magnitude(model: Transformer) -> Importances:
    """The length of the vector of a unit's own weights, √Σ w² (Li et al. 2017, with ℓ₂)."""
    with torch.no_grad():
        return {name: _per_unit(block, torch.square).sqrt() for name, block in blocks(model).items()}


def _per_unit(block: Block, measure: Callable[[Tensor], Tensor]) -> Tensor:
    """The sum of a measure over each unit's own weights."""
    size = outgoing(block).in_features
    total = measure(outgoing(block).weight).sum(dim=0)
    for linear in incoming(block):
        rows = measure(linear.weight).sum(dim=1) + measure(linear.bias)
        total = total + rows.view(-1, size).sum(dim=0)
    return total.view(num_units(block), -1).sum(dim=1)


def _saliency(weight: Tensor) -> Tensor:
    assert weight.grad is not None
    return (weight.detach() * weight.grad).abs()

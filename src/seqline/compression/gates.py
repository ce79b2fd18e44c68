"""How important heads and units are, by gates that are learnt: which does the loss keep open when openness costs?

Every head and every unit is multiplied by a gate g that starts at 1. The weights stay as they are, and the gates alone
learn to lower

    loss + λ · Σ s |g|

where s is what share of all heads' and units' parameters stands behind a gate. So a gate closes unless the loss
resists: the sparsity penalty of Liu et al. 2017 ("network slimming") on the gates of Voita et al. 2019. Unlike a
first-order estimate, gates see what the others have lost already: of two heads that do the same one closes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor, nn

from seqline.compression.blocks import blocks, num_units, outgoing
from seqline.compression.importance import Importances
from seqline.models.transformer import Transformer
from seqline.progress import track
from seqline.training.batching import Batch
from seqline.training.loss import linear_cross_entropy

_PASSES: Final = 4
_LEARNING_RATE: Final = 0.02
_PENALTY: Final = 1.0
"""λ: what it costs to keep all gates at 1, in nats per target piece."""


def learnt_gates(model: Transformer, batches: Sequence[Batch]) -> Importances:
    """The size of each gate after a few passes over the batches; dropout is off, the weights stay as they are."""
    parts = blocks(model)
    gates = {name: torch.ones(num_units(block), requires_grad=True) for name, block in parts.items()}
    costs = {name: sum(weight.numel() for weight in block.parameters()) for name, block in parts.items()}
    price = {name: _PENALTY * cost / sum(costs.values()) for name, cost in costs.items()}
    optimiser = torch.optim.Adam(gates.values(), lr=_LEARNING_RATE)
    with _gated(model, gates):
        for batch in track(list(batches) * _PASSES, "learn which matter", len(batches) * _PASSES, "batch"):
            optimiser.zero_grad()
            features_BTD = model(batch.source_BS, batch.input_BT)
            loss = linear_cross_entropy(features_BTD, model.output.weight, batch.label_BT, smoothing=0.0)
            openness = torch.stack([price[name] * gate_U.abs().mean() for name, gate_U in gates.items()]).sum()
            torch.autograd.backward(loss / batch.num_labels + openness)
            optimiser.step()
    return {name: gate_U.detach().abs() for name, gate_U in gates.items()}


@contextmanager
def _gated(model: Transformer, gates: Mapping[str, Tensor]) -> Iterator[None]:
    """The model with its gates, its weights out of reach of gradients."""
    handles = [
        outgoing(block).register_forward_pre_hook(partial(_gate, gates[name])) for name, block in blocks(model).items()
    ]
    model.eval().requires_grad_(False)
    try:
        yield
    finally:
        model.requires_grad_(True)
        for handle in handles:
            handle.remove()


def _gate(gate_U: Tensor, _: nn.Module, inputs: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """What the outgoing layer reads, each unit or each head's stretch multiplied by its gate."""
    (x,) = inputs
    return (x * gate_U.repeat_interleave(x.size(-1) // len(gate_U)),)

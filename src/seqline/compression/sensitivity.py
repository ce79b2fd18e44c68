"""What each layer and each block of a Transformer is worth: how much worse held-out text is predicted without it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from seqline.compression.blocks import blocks
from seqline.compression.held_out import held_out_loss
from seqline.compression.layers import without_layer
from seqline.models.transformer import Transformer
from seqline.progress import track
from seqline.training.batching import Batch


@dataclass(frozen=True)
class Sensitivity:
    """What the loss, in nats per target piece, rises by without a part: ``encoder.2`` or ``encoder.2.ffn``."""

    part: str
    parameters: int
    loss: float


def sensitivities(model: Transformer, batches: Sequence[Batch]) -> list[Sensitivity]:
    """Of every block, and of every layer that is not the only one of its stack, in the order in which they compute."""
    whole, found = held_out_loss(model, batches), []
    parts = list(_parts(model))
    for part in track(parts, "what each part is worth", len(parts), "part"):
        module = model.get_submodule(part)
        size = sum(weight.numel() for weight in module.parameters())
        found.append(Sensitivity(part, size, _loss_without(model, part, batches) - whole))
    return found


def _parts(model: Transformer) -> Iterator[str]:
    for stack, layers in (("encoder", model.encoder), ("decoder", model.decoder)):
        for layer in range(len(layers)):
            if len(layers) > 1:
                yield f"{stack}.{layer}"
            yield from (name for name in blocks(model) if name.startswith(f"{stack}.{layer}."))


def _loss_without(model: Transformer, part: str, batches: Sequence[Batch]) -> float:
    if part in blocks(model):
        with _silent(blocks(model)[part]):
            return held_out_loss(model, batches)
    stack, _, layer = part.partition(".")
    return held_out_loss(without_layer(model, stack, int(layer)), batches)


@contextmanager
def _silent(block: nn.Module) -> Iterator[None]:
    """The block adds nothing to its input."""

    def nothing(_: nn.Module, __: Any, output: Tensor) -> Tensor:
        return torch.zeros_like(output)

    handle = block.register_forward_hook(nothing)
    try:
        yield
    finally:
        handle.remove()

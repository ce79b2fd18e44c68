"""Which units the weights of a recurrent model make and read.

A recurrent model has one width D, but several *spaces* of D units: the embeddings of each side, each layer of encoder
and decoder, what attention compares, and the features. Layers with residual connections add their outputs up, so they
share a space, as do tied embeddings and features, and both sides of dot attention.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor

from seqline.models.cells import CELLS
from seqline.models.config import RecurrentConfig

Axis = tuple[tuple[str, Tensor], ...]
"""Of one dimension of a weight, stretch by stretch: a space, and which unit of it each index stands for."""
Axes = Mapping[str, tuple[Axis, ...]]
EVERY: Final[Axis] = ()
"""A dimension of pieces, or of something else that all stays."""


def axes(config: RecurrentConfig) -> Axes:
    """What each dimension of each weight stands for; some of these weights a model may not have."""
    spaces, whole = _Spaces(config), torch.arange(config.width)
    first, second = whole.chunk(2)
    found: dict[str, tuple[Axis, ...]] = {
        "source_embedding.weight": (EVERY, ((spaces.source, whole),)),
        "target_embedding.weight": (EVERY, ((spaces.target, whole),)),
        "output.weight": (EVERY, ((spaces.features, whole),)),
        "constant.weight": (((spaces.target, whole),), ((spaces.heard, whole),)),
        "attention.query.weight": (((spaces.compared, whole),), ((spaces.said, whole),)),
        "attention.key.weight": (((spaces.compared, whole),), ((spaces.heard, whole),)),
        "attention.key.bias": (((spaces.compared, whole),),),
        "attention.energy.weight": (EVERY, ((spaces.compared, whole),)),
        "combine.weight": (((spaces.features, whole),), ((spaces.said, whole), (spaces.heard, whole))),
        "feed.weight": (_gates(config, spaces.decoder(0), whole), ((spaces.features, whole),)),
        "bridge.weight": (spaces.starts(whole), ((spaces.heard, whole),)),
        "bridge.bias": (spaces.starts(whole),),
    }
    for layer in range(config.encoder_layers):
        below, space, prefix = spaces.below_encoder(layer), spaces.encoder(layer), f"encoder.layers.{layer}"
        ahead = first if config.bidirectional else whole
        found |= _of_cell(config, f"{prefix}.ahead", below, space, ahead)
        found |= _of_cell(config, f"{prefix}.back", below, space, second)
        found |= _of_norm(f"{prefix}.output", space, whole)
    for layer in range(config.decoder_layers):
        below, space = spaces.below_decoder(layer), spaces.decoder(layer)
        found |= _of_cell(config, f"cells.{layer}", below, space, whole)
        found |= _of_norm(f"outputs.{layer}", space, whole)
    return found


@dataclass(frozen=True)
class _Spaces:
    """The names of the spaces of a model; those that must keep the same units have one name."""

    config: RecurrentConfig

    source: ClassVar[str] = "source"

    @property
    def target(self) -> str:
        return self.source if self.config.tie == "all" else "target"

    @property
    def features(self) -> str:
        return "features" if self.config.tie == "none" else self.target

    def encoder(self, layer: int) -> str:
        return "encoder" if self.config.residual else f"encoder.{layer}"

    def decoder(self, layer: int) -> str:
        is_top = layer == self.config.decoder_layers - 1
        if self.config.attention == "dot" and (is_top or self.config.residual):
            return self.heard
        return "decoder" if self.config.residual else f"decoder.{layer}"

    @property
    def heard(self) -> str:
        """What the encoder says in the end."""
        return self.encoder(self.config.encoder_layers - 1)

    @property
    def said(self) -> str:
        """What the decoder's top layer says."""
        return self.decoder(self.config.decoder_layers - 1)

    @property
    def compared(self) -> str:
        """What attention's keys are compared in."""
        return self.said if self.config.attention == "general" else "attention"

    def below_encoder(self, layer: int) -> str:
        return self.encoder(layer - 1) if layer else self.source

    def below_decoder(self, layer: int) -> str:
        return self.decoder(layer - 1) if layer else self.target

    def starts(self, whole: Tensor) -> Axis:
        """The decoder's first states as the bridge writes them: part by part, each for all layers."""
        num_parts = CELLS[self.config.kind].num_parts
        return tuple((self.decoder(layer), whole) for layer in range(self.config.decoder_layers)) * num_parts


def _gates(config: RecurrentConfig, space: str, units: Tensor) -> Axis:
    return ((space, units),) * CELLS[config.kind].num_gates


def _of_cell(
    config: RecurrentConfig, prefix: str, below: str, space: str, units: Tensor
) -> dict[str, tuple[Axis, ...]]:
    gates, own = _gates(config, space, units), ((space, units),)
    return {
        f"{prefix}.input.weight": (gates, ((below, torch.arange(config.width)),)),
        f"{prefix}.input.bias": (gates,),
        f"{prefix}.recurrent.weight": (gates, own),
        f"{prefix}.candidate_bias": (own,),
        f"{prefix}.peepholes": (EVERY, own),
    }


def _of_norm(prefix: str, space: str, whole: Tensor) -> dict[str, tuple[Axis, ...]]:
    return {f"{prefix}.norm.{part}": (((space, whole),),) for part in ("weight", "bias")}

"""A narrower recurrent model: hidden units go, with their gates and with every weight that makes or reads them.

Each space of units (spaces.py) keeps its own most important ones, equally many, for a model has one width. A
bidirectional layer loses as many units ahead as back, so every space loses as many in its first half as in its second.

An embedding is scaled by √D when it is read, and D becomes smaller: what reads it makes up for that.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import accumulate
from typing import Final

import torch
from torch import Tensor

from seqline.compression.spaces import Axis, axes
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.training.batching import Batch
from seqline.training.loss import linear_cross_entropy

UnitImportances = dict[str, Tensor]
"""Of each unit, (D,), by the name of its space."""

WIDTH_MULTIPLE: Final = 16


def taylor_of_units(model: RecurrentEncoderDecoder, batches: Iterable[Batch]) -> UnitImportances:
    """The first-order estimate of what the loss would change without a unit, Σ |w · ∂L/∂w| over all its weights."""
    model.eval()
    totals: dict[str, Tensor] = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for batch in batches:
        model.zero_grad(set_to_none=True)
        features_BTD = model(batch.source_BS, batch.input_BT)
        torch.autograd.backward(linear_cross_entropy(features_BTD, model.output.weight, batch.label_BT, smoothing=0.0))
        for name, weight in model.named_parameters():
            if weight.grad is not None:
                totals[name] += (weight.detach() * weight.grad).abs()
    model.zero_grad(set_to_none=True)
    return _per_unit(model, totals)


def magnitude_of_units(model: RecurrentEncoderDecoder) -> UnitImportances:
    """The length of the vector of all weights of a unit, √Σ w²."""
    squares = {name: weight.detach().square() for name, weight in model.named_parameters()}
    return {space: total.sqrt() for space, total in _per_unit(model, squares).items()}


def width_without(width: int, share: float) -> int:
    """The width that a model keeps: a multiple of 16, and at least that, or all of it."""
    return min(width, max(WIDTH_MULTIPLE, round(width * (1 - share) / WIDTH_MULTIPLE) * WIDTH_MULTIPLE))


def with_width(model: RecurrentEncoderDecoder, importances: UnitImportances, width: int) -> RecurrentEncoderDecoder:
    """A new model of its most important units."""
    old = model.config.width
    kept = {space: _kept(importance, width) for space, importance in importances.items()}
    known = axes(model.config)
    weights = {name: _sliced(weight, known[name], kept) for name, weight in model.state_dict().items()}
    smaller = RecurrentEncoderDecoder(replace(model.config, width=width))
    smaller.load_state_dict(_mended(weights, math.sqrt(old / width)))
    return smaller.eval()


def _per_unit(model: RecurrentEncoderDecoder, measures: Mapping[str, Tensor]) -> UnitImportances:
    """A measure of each weight, added up over all weights of each unit."""
    totals: UnitImportances = {}
    known = axes(model.config)
    for name, measure in measures.items():
        for dimension, axis in enumerate(known[name]):
            if axis:
                sums = measure.transpose(0, dimension).flatten(1).sum(dim=1) if measure.dim() > 1 else measure
                for (space, units), part in zip(axis, sums.tensor_split(_ends(axis)), strict=True):
                    totals.setdefault(space, torch.zeros(model.config.width)).index_add_(0, units, part)
    return totals


def _ends(axis: Axis) -> list[int]:
    """Where each stretch but the last ends."""
    return list(accumulate(len(units) for _, units in axis))[:-1]


def _kept(importance_D: Tensor, width: int) -> Tensor:
    """Which units stay, (D,): of each half the same number."""
    stays_D = torch.zeros(len(importance_D), dtype=torch.bool)
    for half, units in zip(importance_D.chunk(2), torch.arange(len(importance_D)).chunk(2), strict=True):
        stays_D[units[half.argsort(descending=True, stable=True)[: width // 2]]] = True
    return stays_D


def _sliced(weight: Tensor, its_axes: tuple[Axis, ...], kept: Mapping[str, Tensor]) -> Tensor:
    for dimension, axis in enumerate(its_axes):
        if axis:
            stays = torch.cat([kept[space][units] for space, units in axis])
            weight = weight.detach().index_select(dimension, stays.nonzero()[:, 0])
    return weight


def _mended(weights: dict[str, Tensor], factor: float) -> dict[str, Tensor]:
    """What reads embeddings reads them larger by a factor; what was added to them has to stay."""
    readers = ["encoder.layers.0.ahead.input.weight", "encoder.layers.0.back.input.weight", "cells.0.input.weight"]
    mended = {name: weights[name] * factor for name in readers if name in weights}
    if "constant.weight" in weights:
        mended["constant.weight"] = weights["constant.weight"] / factor
    return weights | mended

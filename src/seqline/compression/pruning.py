"""Structured pruning of a Transformer: whole heads and feed-forward units go, dense matrices stay.

Every attention block of a stack keeps equally many heads, because CTranslate2 has one number of heads per stack; which
ones is chosen block by block. Feed-forward blocks compete with each other for their units: a block that matters more
keeps more.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from seqline.compression.blocks import blocks, num_units, sliced
from seqline.compression.importance import Importances
from seqline.models.transformer import Transformer
from seqline.models.transformer_layers import FeedForward

UNITS_MULTIPLE = 16
"""int8 matrix kernels work on blocks of 16 columns; an odd width would be padded and win nothing."""


def prune(
    model: Transformer,
    importances: Importances,
    *,
    heads_share: float,
    ffn_share: float,
    whole: Transformer | None = None,
) -> Transformer:
    """A new, smaller model without the least important ``heads_share`` of heads and ``ffn_share`` of units.

    At least one head and UNITS_MULTIPLE units stay everywhere. Shares are of ``whole``, where ``model`` is what earlier
    rounds left of that; else of ``model``. Ties are broken by position: the result is a function of its inputs alone.
    """
    kept = _kept_heads(importances, heads_share, whole or model)
    kept |= _kept_units(model, importances, ffn_share, whole or model)
    counts = {name: len(units) for name, units in kept.items()}
    config = replace(
        model.config,
        encoder_heads=counts["encoder.0.attention"],
        decoder_heads=counts["decoder.0.attention"],
        encoder_ffn=tuple(counts[f"encoder.{layer}.ffn"] for layer in range(len(model.encoder))),
        decoder_ffn=tuple(counts[f"decoder.{layer}.ffn"] for layer in range(len(model.decoder))),
    )
    weights = dict(model.state_dict())
    for name, block in blocks(model).items():
        weights.update({f"{name}.{key}": value for key, value in sliced(block, kept[name]).items()})
    smaller = Transformer(config)
    smaller.load_state_dict(weights)
    return smaller.eval()


def _kept_heads(importances: Importances, share: float, whole: Transformer) -> dict[str, Tensor]:
    """The heads that stay in each attention block, in their old order."""
    at_first = {name: num_units(block) for name, block in blocks(whole).items() if not isinstance(block, FeedForward)}
    return {name: _best(importances[name], max(1, round(count * (1 - share)))) for name, count in at_first.items()}


def _kept_units(model: Transformer, importances: Importances, share: float, whole: Transformer) -> dict[str, Tensor]:
    """The units that stay in each feed-forward block, in their old order."""
    ffns, at_first = (
        {name: num_units(block) for name, block in blocks(one).items() if isinstance(block, FeedForward)}
        for one in (model, whole)
    )
    if not share:
        return {name: torch.arange(count) for name, count in ffns.items()}
    counts = _shared_out(ffns, importances, round(sum(at_first.values()) * (1 - share) / UNITS_MULTIPLE))
    return {name: _best(importances[name], counts[name]) for name in ffns}


def _shared_out(ffns: Mapping[str, int], importances: Importances, wanted: int) -> dict[str, int]:
    """How many units each block keeps, where the ``wanted`` most important handfuls of all of them stay.

    A handful are UNITS_MULTIPLE units of one block, the most important ones first.
    """
    handfuls = sorted(
        (-float(handful.sum()), name, place)
        for name in ffns
        for place, handful in enumerate(torch.split(importances[name].sort(descending=True).values, UNITS_MULTIPLE))
        if place
    )
    counts = dict.fromkeys(ffns, UNITS_MULTIPLE)
    for _, name, _ in handfuls[: max(0, wanted - len(ffns))]:
        counts[name] += UNITS_MULTIPLE
    return {name: min(count, ffns[name]) for name, count in counts.items()}


def _best(importance_U: Tensor, count: int) -> Tensor:
    """Indices of the ``count`` most important units, in their old order."""
    order = torch.argsort(importance_U, descending=True, stable=True)
    return order[:count].sort().values

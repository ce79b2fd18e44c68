"""Structured pruning of a Transformer: whole attention heads and whole feed-forward units go, dense matrices stay.

The importance of a unit is the first-order Taylor estimate of what the loss would change without it,
I = Σ |w · ∂L/∂w| over the weights that belong to the unit alone (Michel et al. 2019 for heads, Molchanov et al. 2019),
added up over batches. Every attention block of a stack keeps equally many heads, because CTranslate2 has one number
of heads per stack; which heads stay is chosen block by block.

Legend: B sentences, S source length, T target length, H heads, K head width, U feed-forward units.
"""

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Tensor, nn

from seqline.models.attention import CrossAttention, SelfAttention
from seqline.models.transformer import Transformer
from seqline.models.transformer_layers import FeedForward
from seqline.training.batching import Batch
from seqline.training.loss import linear_cross_entropy

# int8 matrix kernels work on blocks of 16 columns; an odd width would be padded and win nothing.
_UNITS_MULTIPLE = 16


Block = SelfAttention | CrossAttention | FeedForward


def importance(model: Transformer, batches: Iterable[Batch]) -> dict[str, Tensor]:
    """Importance of each head (H,) and each feed-forward unit (U,), by the name of the block it stands in.

    The weights stay as they are; dropout is off. The loss is summed over target pieces, so longer batches count more.
    """
    model.eval()
    blocks = _blocks(model)
    totals = {name: torch.zeros(_num_units(block)) for name, block in blocks.items()}
    for batch in batches:
        model.zero_grad(set_to_none=True)
        features_BTD = model(batch.source_BS, batch.input_BT)
        loss = linear_cross_entropy(features_BTD, model.output.weight, batch.label_BT, smoothing=0.0)
        torch.autograd.backward(loss)
        for name, block in blocks.items():
            totals[name] += _taylor(block)
    model.zero_grad(set_to_none=True)
    return totals


def prune(model: Transformer, importances: dict[str, Tensor], *, heads_share: float, ffn_share: float) -> Transformer:
    """A new, smaller model without the least important ``heads_share`` of heads and ``ffn_share`` of units.

    At least one head and one block of units stay everywhere. Ties are broken by position, so the result is a
    function of its inputs alone.
    """
    blocks = _blocks(model)
    kept = {name: _best(importances[name], _num_kept(block, heads_share, ffn_share)) for name, block in blocks.items()}
    config = replace(
        model.config,
        encoder_heads=_num_kept_heads(model.config.encoder_heads, heads_share),
        decoder_heads=_num_kept_heads(model.config.decoder_heads, heads_share),
        encoder_ffn=tuple(_num_kept_units(units, ffn_share) for units in model.config.encoder_ffn),
        decoder_ffn=tuple(_num_kept_units(units, ffn_share) for units in model.config.decoder_ffn),
    )
    weights = dict(model.state_dict())
    for name, block in blocks.items():
        weights.update({f"{name}.{key}": value for key, value in _sliced(block, kept[name]).items()})
    smaller = Transformer(config)
    smaller.load_state_dict(weights)
    return smaller.eval()


def _blocks(model: Transformer) -> dict[str, Block]:
    return {name: module for name, module in model.named_modules() if isinstance(module, Block)}


def _num_units(block: Block) -> int:
    return block.num_units if isinstance(block, FeedForward) else block.num_heads


def _taylor(block: Block) -> Tensor:
    """Σ |w · ∂L/∂w| per unit over its incoming weights and biases and its outgoing weights."""
    if isinstance(block, FeedForward):
        return _rows(block.up).view(-1, block.num_units).sum(dim=0) + _columns(block.down)
    total_E = _columns(block.out)
    for linear in (block.qkv,) if isinstance(block, SelfAttention) else (block.q, block.kv):
        total_E = total_E + _rows(linear).view(-1, block.out.in_features).sum(dim=0)
    return total_E.view(block.num_heads, -1).sum(dim=1)


def _rows(linear: nn.Linear) -> Tensor:
    """Σ |w · ∂L/∂w| per output, its bias included."""
    return _saliency(linear.weight).sum(dim=1) + _saliency(linear.bias)


def _columns(linear: nn.Linear) -> Tensor:
    """Σ |w · ∂L/∂w| per input."""
    return _saliency(linear.weight).sum(dim=0)


def _saliency(weight: Tensor) -> Tensor:
    assert weight.grad is not None
    return (weight.detach() * weight.grad).abs()


def _num_kept(block: Block, heads_share: float, ffn_share: float) -> int:
    if isinstance(block, FeedForward):
        return _num_kept_units(_num_units(block), ffn_share)
    return _num_kept_heads(block.num_heads, heads_share)


def _num_kept_heads(num_heads: int, share: float) -> int:
    return max(1, round(num_heads * (1 - share)))


def _num_kept_units(num_units: int, share: float) -> int:
    wanted = round(num_units * (1 - share) / _UNITS_MULTIPLE) * _UNITS_MULTIPLE
    return min(num_units, max(_UNITS_MULTIPLE, wanted)) if share else num_units


def _best(importance_U: Tensor, count: int) -> Tensor:
    """Indices of the ``count`` most important units, in their old order."""
    order = torch.argsort(importance_U, descending=True, stable=True)
    return order[:count].sort().values


def _sliced(block: Block, kept: Tensor) -> dict[str, Tensor]:
    """The weights of a block that keeps only some of its units."""
    if isinstance(block, FeedForward):
        rows = _in_each_part(kept, block.num_units, block.up.out_features)
        return {
            "up.weight": block.up.weight[rows],
            "up.bias": block.up.bias[rows],
            "down.weight": block.down.weight[:, kept],
        }
    head_width = block.out.in_features // block.num_heads
    columns_E = (kept[:, None] * head_width + torch.arange(head_width)).flatten()
    fused = [("qkv", block.qkv)] if isinstance(block, SelfAttention) else [("q", block.q), ("kv", block.kv)]
    sliced = {"out.weight": block.out.weight[:, columns_E]}
    for name, linear in fused:
        rows = _in_each_part(columns_E, block.out.in_features, linear.out_features)
        sliced |= {f"{name}.weight": linear.weight[rows], f"{name}.bias": linear.bias[rows]}
    return sliced


def _in_each_part(kept: Tensor, size: int, fused_size: int) -> Tensor:
    """The rows that are kept of matrices of ``size`` rows each that lie on top of each other."""
    return (torch.arange(0, fused_size, size)[:, None] + kept).flatten()

"""What a Transformer can lose: attention blocks lose heads, feed-forward blocks lose units, and stay dense.

Legend: D model width, E heads × head width, U feed-forward units.
"""

import torch
from torch import Tensor, nn

from seqline.models.attention import CrossAttention, SelfAttention
from seqline.models.transformer import Transformer
from seqline.models.transformer_layers import FeedForward

Block = SelfAttention | CrossAttention | FeedForward


def blocks(model: Transformer) -> dict[str, Block]:
    """Every block by its name, in the order in which they compute: ``encoder.0.attention``, ``decoder.1.ffn``."""
    return {name: module for name, module in model.named_modules() if isinstance(module, Block)}


def num_units(block: Block) -> int:
    """Heads, or feed-forward units."""
    return block.num_units if isinstance(block, FeedForward) else block.num_heads


def incoming(block: Block) -> tuple[nn.Linear, ...]:
    """The layers whose outputs belong to units: each stacks one or more matrices with the rows of all units."""
    if isinstance(block, FeedForward):
        return (block.up,)
    return (block.qkv,) if isinstance(block, SelfAttention) else (block.q, block.kv)


def outgoing(block: Block) -> nn.Linear:
    """The layer whose inputs belong to units."""
    return block.down if isinstance(block, FeedForward) else block.out


def sliced(block: Block, kept: Tensor) -> dict[str, Tensor]:
    """The weights of the block when only the units ``kept`` stay, by their names within it."""
    size = outgoing(block).in_features
    per_unit = size // num_units(block)
    columns = (kept[:, None] * per_unit + torch.arange(per_unit)).flatten()
    names = {module: name for name, module in block.named_children()}
    weights = {f"{names[outgoing(block)]}.weight": outgoing(block).weight[:, columns]}
    for linear in incoming(block):
        rows = (torch.arange(0, linear.out_features, size)[:, None] + columns).flatten()
        weights |= {f"{names[linear]}.weight": linear.weight[rows], f"{names[linear]}.bias": linear.bias[rows]}
    return weights

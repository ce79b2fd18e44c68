"""How much arithmetic a forward pass needs: the measure that utilisation of a machine is a share of.

Counted as by Chowdhery et al. 2022 (PaLM, appendix B): matrix products only, attention's own included, two operations
per multiply-add, each real position once. Padding, embeddings, norms, softmax and whatever is computed twice count
nothing. The backward pass needs twice as much again.

Legend: N pairs, S and T source and target positions, ends included, D model width, A width of all heads together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqline.models.cells import CELLS
from seqline.models.config import ModelConfig, RecurrentConfig, TransformerConfig


@dataclass(frozen=True)
class Work:
    """What the arithmetic of some pairs depends on: how many pairs, positions, and pairs of positions there are.

    ``rows`` are decoded sentences, ``source`` and ``target`` positions; ``source_squared``, ``target_squared`` and
    ``across`` pairs of positions: within a source, within a target, and between the two.
    """

    rows: int
    source: int
    target: int
    source_squared: int
    target_squared: int
    across: int

    @classmethod
    def of(cls, source_lengths: Sequence[int], target_lengths: Sequence[int]) -> "Work":
        """Of pairs with so many source and target positions each."""
        s, t = np.asarray(source_lengths, dtype=np.int64), np.asarray(target_lengths, dtype=np.int64)
        return cls(len(s), int(s.sum()), int(t.sum()), int(s @ s), int(t @ t), int(s @ t))


def forward_flops(config: ModelConfig, work: Work) -> int:
    """Floating-point operations of one forward pass, the output layer included."""
    layers = _recurrent(config, work) if isinstance(config, RecurrentConfig) else _transformer(config, work)
    return 2 * (layers + work.target * config.width * config.target_vocabulary)


def _transformer(config: TransformerConfig, work: Work) -> int:
    """Multiply-adds of the layers."""
    matrices = 3 if config.activation == "swiglu" else 2
    encoder, decoder = (config.head_width * heads for heads in (config.encoder_heads, config.decoder_heads))
    projections = 4 * config.width  # of query, key, value and output, for each unit of A
    per_encoder_layer = encoder * (projections * work.source + 2 * work.source_squared)
    per_decoder_layer = decoder * (
        projections * work.target
        + 2 * work.target_squared
        + projections // 2 * (work.target + work.source)  # across: two of the target, two of the source
        + 2 * work.across
    )
    ffn = matrices * config.width * (work.source * sum(config.encoder_ffn) + work.target * sum(config.decoder_ffn))
    return len(config.encoder_ffn) * per_encoder_layer + len(config.decoder_ffn) * per_decoder_layer + ffn


def _recurrent(config: RecurrentConfig, work: Work) -> int:
    """Multiply-adds of encoder, bridge, decoder, attention and features."""
    square, cell = config.width**2, CELLS[config.kind]
    # A direction of half the width reads the whole: D·D/2, and has D/2·D/2 from step to step; there are two of them.
    reading = square + (square // 2 if config.bidirectional else square)
    total = config.encoder_layers * cell.num_gates * reading * work.source
    total += config.decoder_layers * cell.num_parts * square * work.rows  # the bridge
    total += config.decoder_layers * cell.num_gates * 2 * square * work.target
    total += cell.num_gates * square * work.target * config.feeds
    total += 2 * square * work.target  # the features
    return total + _attention(config, work)


def _attention(config: RecurrentConfig, work: Work) -> int:
    square, pairs = config.width**2, config.width * work.across
    if config.attention == "none":
        return square * work.rows
    keys = 0 if config.attention == "dot" else square * work.source
    queries = square * work.target if config.attention == "additive" else 0
    return keys + queries + 2 * pairs

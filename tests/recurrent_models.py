"""Recurrent models of every option, small enough to build in a moment."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch

from seqline.models.config import RecurrentConfig
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.special import BOS, EOS, PAD

KINDS = ("lstm", "peephole_lstm", "gru")
ATTENTIONS = ("additive", "dot", "general")
LOOKS: tuple[dict[str, Any], ...] = (
    *({"attention": attention} for attention in ATTENTIONS),
    *({"attention": attention, "input_feeding": False} for attention in ATTENTIONS),
    {"attention": "none"},
)
"""How a decoder may see the source."""
SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"bidirectional": False},
    {"residual": True, "encoder_layers": 3, "decoder_layers": 3},
    {"layer_norm": True, "encoder_layers": 2, "decoder_layers": 2},
    {"residual": True, "layer_norm": True, "bidirectional": False, "encoder_layers": 2, "decoder_layers": 3},
)
Options = dict[str, Any]
every_model = pytest.mark.parametrize(
    "options",
    [
        pytest.param({"kind": kind, **look, **shape}, id="-".join([kind, *map(str, look.values()), *shape]))
        for kind, look, shape in product(KINDS, LOOKS, SHAPES)
    ],
)
BASE = RecurrentConfig(
    kind="gru",
    source_vocabulary=20,
    target_vocabulary=24,
    width=16,
    encoder_layers=1,
    decoder_layers=1,
    attention="general",
    dropout=0.2,
    tie="target",
)


def build(seed: int = 5, **changes: Any) -> RecurrentEncoderDecoder:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return RecurrentEncoderDecoder(replace(BASE, **changes))


def padded(rows: list[list[int]]) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


SOURCE_ROWS = [[7, 8, 9, 10, EOS], [11, EOS], [5, 6, 12, EOS]]
TARGET_ROWS = [[BOS, 9, 8], [BOS, 5, 6, 7, 23], [BOS, 11]]

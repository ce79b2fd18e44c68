"""How long lines and translations may be."""

import math
from collections.abc import Sequence
from typing import Any

from seqline.decoding.ensemble import Ensemble
from seqline.errors import InputError
from seqline.models.base import StepModel
from seqline.models.transformer import Transformer

MAX_SEGMENT_PIECES = 400
"""Longer lines are cut: twice as many target pieces still have their positions."""


def length_cap(source_pieces: int) -> int:
    """The most target pieces a source of that many pieces may grow to: no avalanche of repetitions."""
    return 2 * source_pieces + 10


def max_pieces(model: StepModel[Any]) -> float:
    """The most pieces that a model reads or writes at once, EOS counted; recurrent ones know no limit."""
    if isinstance(model, Ensemble):
        return min(map(max_pieces, model.members))
    return model.config.max_positions if isinstance(model, Transformer) else math.inf


def require_fit(lengths: Sequence[int], model: StepModel[Any], first_line: int) -> None:
    """Make sure that a model takes lines of these lengths, in pieces, EOS counted.

    Raises:
        InputError: it does not; lines are counted from ``first_line``.
    """
    limit = max_pieces(model)
    for number, length in enumerate(lengths, start=first_line):
        if length > limit:
            raise InputError(
                f"line {number}: {length:,} pieces are too many for the model's {limit:,} positions; shorten the pair "
                "or drop it"
            )

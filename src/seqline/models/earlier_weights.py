"""Weights of recurrent encoders as they were named when torch's LSTM and GRU modules, or two lists of cells, held them.

    layers.weight_ih_l1_reverse, …      → layers.1.back.input.weight, …
    ahead.1.input.weight, …             → layers.1.ahead.input.weight, …

torch has two biases where one does: only a GRU's candidate tells them apart (seqline/models/cells.py).
"""

import re
from typing import Any

import torch
from torch import Tensor, nn

_TORCH = re.compile(r"layers\.(weight|bias)_(ih|hh)_l(\d+)(_reverse)?")
_CELLS = re.compile(r"(ahead|back)\.(\d+)\.(.+)")


def rename_earlier(module: nn.Module, weights: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """A hook of ``load_state_dict``: rename, in place, what has an earlier name."""
    earlier = {name: name.removeprefix(prefix) for name in weights if name.startswith(prefix)}
    for name, rest in sorted(earlier.items(), reverse=True):  # weights first, then bias_ih, then bias_hh
        if cells := _CELLS.fullmatch(rest):
            side, number, inner = cells.groups()
            weights[f"{prefix}layers.{number}.{side}.{inner}"] = weights.pop(name)
        elif parts := _TORCH.fullmatch(rest):
            cell = f"{prefix}layers.{parts[3]}.{'back' if parts[4] else 'ahead'}"
            _rename(weights, weights.pop(name), cell, parts[1], parts[2])


def _rename(weights: dict[str, Tensor], value: Tensor, cell: str, kind: str, side: str) -> None:
    if kind == "weight":
        weights[f"{cell}.{'input' if side == 'ih' else 'recurrent'}.weight"] = value
    elif side == "ih":
        weights[f"{cell}.input.bias"] = value
    elif len(value) == 4 * weights[f"{cell}.recurrent.weight"].size(1):
        weights[f"{cell}.input.bias"] = weights[f"{cell}.input.bias"] + value
    else:
        reset, update, candidate = value.chunk(3)
        both = torch.cat((reset, update, torch.zeros_like(candidate)))
        weights[f"{cell}.input.bias"] = weights[f"{cell}.input.bias"] + both
        weights[f"{cell}.candidate_bias"] = candidate

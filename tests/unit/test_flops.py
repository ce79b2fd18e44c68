"""The arithmetic of a forward pass against what torch counts while the model runs."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import recurrent_models
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from seqline.models import build
from seqline.models.config import ModelConfig, TransformerConfig
from seqline.models.flops import Work, forward_flops

TRANSFORMER = TransformerConfig("transformer", 20, 24, 16, 4, 4, 4, (24, 24), (24,), "relu", 0.0, "target")
ROWS, SOURCE, TARGET = 3, 7, 5


def counted(config: ModelConfig) -> int:
    """By torch, operation by operation, attention written out and no kernel that does all steps at once."""
    model = build(config).eval()
    source, target = torch.randint(4, 20, (ROWS, SOURCE)), torch.randint(4, 20, (ROWS, TARGET))
    plain = (torch.backends.mkldnn.flags(enabled=False, allow_tf32=None), sdpa_kernel(SDPBackend.MATH))
    with torch.no_grad(), plain[0], plain[1], FlopCounterMode(display=False) as counter:
        model.output(model(source, target))
    return int(counter.get_total_flops())


@pytest.mark.parametrize(
    "changes",
    [{}, {"activation": "swiglu"}, {"encoder_heads": 3, "decoder_heads": 2, "encoder_ffn": (5, 9)}],
    ids=["plain", "gated", "pruned"],
)
def test_a_transformer(changes: dict[str, Any]) -> None:
    config = replace(TRANSFORMER, **changes)
    assert forward_flops(config, Work.of([SOURCE] * ROWS, [TARGET] * ROWS)) == counted(config)


@recurrent_models.every_model
def test_a_recurrent_model(options: dict[str, Any]) -> None:
    config = replace(recurrent_models.BASE, **options)
    assert forward_flops(config, Work.of([SOURCE] * ROWS, [TARGET] * ROWS)) == counted(config)


def test_work_adds_up_pairs_of_different_lengths() -> None:
    assert asdict(Work.of([2, 3], [4, 1])) == {
        "rows": 2, "source": 5, "target": 5, "source_squared": 13, "target_squared": 17, "across": 11,
    }  # fmt: skip

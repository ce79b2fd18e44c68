"""Units that do nothing are found in every space, and a model without them says exactly the same."""

import math
from typing import Any

import pytest
import torch

from seqline.compression.hidden_units import magnitude_of_units, taylor_of_units, width_without, with_width
from seqline.compression.spaces import axes
from seqline.models.config import RecurrentConfig
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.training.batching import Batch

PLAIN: dict[str, Any] = {
    "kind": "gru", "source_vocabulary": 40, "target_vocabulary": 40, "encoder_layers": 1, "decoder_layers": 1,
    "attention": "general", "dropout": 0.0, "tie": "none",
}  # fmt: skip
KINDS: list[dict[str, Any]] = [
    {},
    {"kind": "lstm", "tie": "all", "encoder_layers": 2, "decoder_layers": 2},
    {"kind": "peephole_lstm", "attention": "additive", "tie": "target", "bidirectional": False},
    {"attention": "dot", "encoder_layers": 2, "decoder_layers": 2},
    {"attention": "dot", "residual": True, "encoder_layers": 3, "decoder_layers": 2, "input_feeding": False},
    {"attention": "none", "kind": "lstm", "decoder_layers": 2},
]


def batch() -> Batch:
    generator = torch.Generator().manual_seed(1)
    source_BS, target_BT = (torch.randint(4, 40, (5, length), generator=generator) for length in (6, 7))
    return Batch(source_BS, target_BT, target_BT.roll(-1, dims=1))


def features(model: RecurrentEncoderDecoder) -> torch.Tensor:
    with torch.no_grad():
        return model(batch().source_BS, batch().input_BT)


def widened(model: RecurrentEncoderDecoder, config: RecurrentConfig) -> RecurrentEncoderDecoder:
    """The same model among as many units that do nothing, which lie between its own."""
    wide, known = RecurrentEncoderDecoder(config), axes(config)
    stays = torch.rand(config.width // 2, generator=torch.Generator().manual_seed(2)).argsort()[: config.width // 4]
    used = set((torch.cat((stays, stays + config.width // 2))).tolist())
    factor = math.sqrt(model.config.width / config.width)
    weights = {}
    for name, weight in wide.state_dict().items():
        full = torch.zeros_like(weight)
        rows = [
            torch.tensor([i for i, unit in enumerate(torch.cat([units for _, units in axis]).tolist()) if unit in used])
            if axis
            else torch.arange(weight.size(dimension))
            for dimension, axis in enumerate(known[name])
        ]
        small = model.state_dict()[name]
        if name in ("cells.0.input.weight",) or (name.startswith("encoder.layers.0.") and "input.weight" in name):
            small = small * factor
        full[torch.meshgrid(*rows, indexing="ij")] = small / factor if name == "constant.weight" else small
        weights[name] = full
    wide.load_state_dict(weights)
    return wide.eval()


@pytest.mark.parametrize("changes", KINDS, ids=lambda changes: "-".join(map(str, changes.values())) or "plain")
def test_units_that_do_nothing_go_and_the_output_stays(changes: dict[str, Any]) -> None:
    torch.manual_seed(1)
    settings = PLAIN | changes
    narrow = RecurrentEncoderDecoder(RecurrentConfig(width=16, **settings)).eval()
    wide = widened(narrow, RecurrentConfig(width=32, **settings))
    for importances in (magnitude_of_units(wide), taylor_of_units(wide, [batch()])):
        smaller = with_width(wide, importances, 16)
        assert smaller.config == narrow.config
        torch.testing.assert_close(features(smaller), features(narrow), rtol=1e-5, atol=1e-5)


def test_every_weight_has_its_axes() -> None:
    for changes in KINDS:
        config = RecurrentConfig(width=32, layer_norm=True, **(PLAIN | changes))
        known = axes(config)
        for name, weight in RecurrentEncoderDecoder(config).state_dict().items():
            sizes = [sum(len(units) for _, units in axis) for axis in known[name]]
            assert [size or weight.size(place) for place, size in enumerate(sizes)] == list(weight.shape), name


def test_the_width_stays_a_multiple_of_sixteen() -> None:
    assert [width_without(64, share) for share in (0.0, 0.1, 0.3, 0.6, 0.99)] == [64, 64, 48, 32, 16]
    assert width_without(10, 0.5) == 10

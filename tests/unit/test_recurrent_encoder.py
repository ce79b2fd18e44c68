"""The encoder: padding, batch company, direction, stacking, and torch's own LSTM and GRU as references."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqline.models.config import RecurrentConfig
from seqline.models.recurrent_encoder import EncoderLayer, RecurrentEncoder, final_states

WIDTH, LAYERS = 8, 2
LENGTHS = (6, 3, 1, 5)

KINDS = ("lstm", "peephole_lstm", "gru")
OPTIONS: tuple[dict[str, Any], ...] = ({}, {"bidirectional": False}, {"residual": True, "layer_norm": True})
BASE = RecurrentConfig(
    kind="gru",
    source_vocabulary=20,
    target_vocabulary=20,
    width=WIDTH,
    encoder_layers=LAYERS,
    decoder_layers=1,
    attention="dot",
    dropout=0.3,
    tie="none",
)


def build_encoder(**changes: Any) -> RecurrentEncoder:
    """A float64 encoder with peepholes, norms and biases that matter."""
    generator = torch.Generator().manual_seed(3)
    encoder = RecurrentEncoder(replace(BASE, **changes))
    for weight in encoder.parameters():
        nn.init.normal_(weight, std=0.5, generator=generator)
    return encoder.double().eval()


def batch(seed: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(
        len(LENGTHS), max(LENGTHS), WIDTH, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    return x, torch.arange(max(LENGTHS))[None] < torch.tensor(LENGTHS)[:, None]


@pytest.mark.parametrize(("kind", "options"), list(product(KINDS, OPTIONS)))
def test_a_row_is_encoded_as_if_it_were_alone(kind: str, options: dict[str, Any]) -> None:
    encoder, (x, mask) = build_encoder(kind=kind, **options), batch()
    together = encoder(x, mask)
    for row, length in enumerate(LENGTHS):
        alone = encoder(x[row : row + 1, :length], None)
        torch.testing.assert_close(together[row : row + 1, :length], alone, rtol=0, atol=1e-14)
        two = options.get("bidirectional", True)
        ends = final_states(together, mask, bidirectional=two)[row : row + 1]
        torch.testing.assert_close(ends, final_states(alone, None, bidirectional=two), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("kind", "options"), list(product(KINDS, OPTIONS)))
def test_padding_is_never_read_and_encodes_to_zero(kind: str, options: dict[str, Any]) -> None:
    encoder, (x, mask) = build_encoder(kind=kind, **options), batch()
    loud = x.masked_fill(~mask[:, :, None], 1e3)
    assert torch.equal(encoder(x, mask), encoder(loud, mask))
    assert torch.all(encoder(x, mask)[~mask] == 0)


@pytest.mark.parametrize(("kind", "options"), list(product(KINDS, OPTIONS)))
def test_more_padding_changes_nothing(kind: str, options: dict[str, Any]) -> None:
    encoder, (x, mask) = build_encoder(kind=kind, **options), batch()
    wider = encoder(nn.functional.pad(x, (0, 0, 0, 4)), nn.functional.pad(mask, (0, 4)))
    assert wider.shape == (len(LENGTHS), max(LENGTHS) + 4, WIDTH)
    torch.testing.assert_close(wider[:, : max(LENGTHS)], encoder(x, mask), rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_one_half_looks_ahead_and_the_other_back(kind: str) -> None:
    ahead, back = positions_that_notice_the_fourth(build_encoder(kind=kind, encoder_layers=1)).chunk(2, dim=1)
    assert ahead.any(dim=1).tolist() == [False, False, False, True, True, True]
    assert back.any(dim=1).tolist() == [True, True, True, True, False, False]


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_of_one_direction_looks_ahead_only(kind: str) -> None:
    changed = positions_that_notice_the_fourth(build_encoder(kind=kind, bidirectional=False))
    assert changed.any(dim=1).tolist() == [False, False, False, True, True, True]
    assert changed[3:].all()


def positions_that_notice_the_fourth(encoder: nn.Module) -> torch.Tensor:
    """Which outputs (S, D) change when the fourth piece does."""
    x, _ = batch()
    before = encoder(x, None)
    x[:, 3] += 1.0
    return (encoder(x, None) != before).any(dim=0)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_the_stack_equals_torch_with_packed_sequences_and_reads_its_weights(kind: str) -> None:
    reference, (x, mask) = torch_encoder(kind), batch()
    encoder = RecurrentEncoder(replace(BASE, kind=kind)).double().eval()
    encoder.load_state_dict({f"layers.{name}": weight for name, weight in reference.state_dict().items()})
    packed = pack_padded_sequence(x, mask.sum(dim=1), batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(reference(packed)[0], batch_first=True)
    torch.testing.assert_close(encoder(x, mask), expected, rtol=0, atol=1e-14)


def torch_encoder(kind: str) -> nn.LSTM | nn.GRU:
    module = nn.LSTM if kind == "lstm" else nn.GRU
    reference = module(WIDTH, WIDTH // 2, LAYERS, batch_first=True, bidirectional=True).double()
    generator = torch.Generator().manual_seed(5)
    for weight in reference.parameters():
        nn.init.normal_(weight, std=0.5, generator=generator)
    return reference


def test_peephole_weights_in_two_lists_are_read() -> None:
    encoder, (x, mask) = build_encoder(kind="peephole_lstm"), batch()
    earlier = {}
    for name, weight in encoder.state_dict().items():
        _, number, side, rest = name.split(".", 3)
        earlier[f"{side}.{number}.{rest}"] = weight
    again = RecurrentEncoder(replace(BASE, kind="peephole_lstm")).double().eval()
    again.load_state_dict(earlier)
    assert torch.equal(again(x, mask), encoder(x, mask))


def test_a_residual_connection_adds_the_layer_below_from_the_second_layer_on() -> None:
    x, _ = batch()
    with_it, without = build_encoder(residual=True), build_encoder()
    first = build_encoder(encoder_layers=1)
    first.load_state_dict({name: without.state_dict()[name] for name in first.state_dict()})
    torch.testing.assert_close(with_it(x, None), without(x, None) + first(x, None), rtol=0, atol=1e-14)


def test_layer_norm_gives_every_position_mean_zero_and_variance_one() -> None:
    encoder, (x, _) = build_encoder(layer_norm=True), batch()
    for layer in encoder.layers:
        assert isinstance(layer, EncoderLayer)
        assert layer.output.norm is not None
        layer.output.norm.reset_parameters()
    states = encoder(x, None)
    torch.testing.assert_close(states.mean(dim=2), torch.zeros(states.shape[:2], dtype=torch.float64))
    torch.testing.assert_close(
        states.var(dim=2, correction=0), torch.ones(states.shape[:2], dtype=torch.float64), rtol=0, atol=1e-2
    )

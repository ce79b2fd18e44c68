"""The encoders: padding, batch company, direction, and torch's own LSTM as a reference."""

import pytest
import torch
from torch import nn

from seqline.models.recurrent_encoder import NativeEncoder, PeepholeEncoder, final_states

WIDTH, LAYERS = 8, 2
LENGTHS = (6, 3, 1, 5)

KINDS = ("lstm", "peephole_lstm", "gru")


def build_encoder(kind: str) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        if kind == "peephole_lstm":
            encoder: nn.Module = PeepholeEncoder(WIDTH, LAYERS, 0.3)
            for name, weight in encoder.named_parameters():
                if "peepholes" in name:
                    nn.init.normal_(weight)
        else:
            encoder = NativeEncoder("lstm" if kind == "lstm" else "gru", WIDTH, LAYERS, 0.3)
    return encoder.double().eval()


def batch(seed: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(
        len(LENGTHS), max(LENGTHS), WIDTH, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    return x, torch.arange(max(LENGTHS))[None] < torch.tensor(LENGTHS)[:, None]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_encoded_as_if_it_were_alone(kind: str) -> None:
    encoder, (x, mask) = build_encoder(kind), batch()
    together = encoder(x, mask)
    for row, length in enumerate(LENGTHS):
        alone = encoder(x[row : row + 1, :length], None)
        torch.testing.assert_close(together[row : row + 1, :length], alone, rtol=0, atol=1e-14)
        torch.testing.assert_close(
            final_states(together, mask)[row : row + 1], final_states(alone, None), rtol=0, atol=1e-14
        )


@pytest.mark.parametrize("kind", KINDS)
def test_padding_is_never_read_and_encodes_to_zero(kind: str) -> None:
    encoder, (x, mask) = build_encoder(kind), batch()
    loud = x.masked_fill(~mask[:, :, None], 1e3)
    assert torch.equal(encoder(x, mask), encoder(loud, mask))
    assert torch.all(encoder(x, mask)[~mask] == 0)


@pytest.mark.parametrize("kind", KINDS)
def test_more_padding_changes_nothing(kind: str) -> None:
    encoder, (x, mask) = build_encoder(kind), batch()
    wider = encoder(nn.functional.pad(x, (0, 0, 0, 4)), nn.functional.pad(mask, (0, 4)))
    assert wider.shape == (len(LENGTHS), max(LENGTHS) + 4, WIDTH)
    torch.testing.assert_close(wider[:, : max(LENGTHS)], encoder(x, mask), rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_one_half_looks_ahead_and_the_other_back(kind: str) -> None:
    encoder, (x, _) = build_encoder(kind), batch()
    one_layer = first_layer(encoder)
    before = one_layer(x, None)
    x = x.clone()
    x[:, 3] += 1.0
    changed = (one_layer(x, None) != before).any(dim=0)
    ahead, back = changed[:, : WIDTH // 2].any(dim=1), changed[:, WIDTH // 2 :].any(dim=1)
    assert ahead.tolist() == [False, False, False, True, True, True]
    assert back.tolist() == [True, True, True, True, False, False]


def test_peephole_encoder_without_peepholes_equals_torch() -> None:
    encoder, (x, mask) = build_encoder("peephole_lstm"), batch()
    reference = build_encoder("lstm")
    assert isinstance(encoder, PeepholeEncoder)
    assert isinstance(reference, NativeEncoder)
    weights: dict[str, torch.Tensor] = {}
    for suffix, cells in (("", encoder.ahead), ("_reverse", encoder.back)):
        for layer, cell in enumerate(cells):
            nn.init.zeros_(cell.get_parameter("peepholes"))
            weights[f"weight_ih_l{layer}{suffix}"] = cell.get_parameter("input.weight")
            weights[f"weight_hh_l{layer}{suffix}"] = cell.get_parameter("recurrent.weight")
            weights[f"bias_ih_l{layer}{suffix}"] = cell.get_parameter("input.bias")
            weights[f"bias_hh_l{layer}{suffix}"] = torch.zeros(2 * WIDTH)
    reference.layers.load_state_dict(weights)
    torch.testing.assert_close(encoder(x, mask), reference(x, mask), rtol=0, atol=1e-14)
    torch.testing.assert_close(encoder(x, None), reference(x, None), rtol=0, atol=1e-14)


def first_layer(encoder: nn.Module) -> nn.Module:
    """A one-layer encoder with the first layer's weights: in two layers both halves see everything."""
    if isinstance(encoder, PeepholeEncoder):
        single: nn.Module = PeepholeEncoder(WIDTH, 1, 0.0)
    else:
        assert isinstance(encoder, NativeEncoder)
        single = NativeEncoder("lstm" if isinstance(encoder.layers, nn.LSTM) else "gru", WIDTH, 1, 0.0)
    single.double().load_state_dict({name: encoder.state_dict()[name] for name in single.state_dict()})
    return single.eval()

import pytest
import torch

from seqline.compression.held_out import held_out_loss
from seqline.compression.sensitivity import sensitivities
from tests.unit.test_pruning import batch, build


def test_the_held_out_loss_is_the_mean_cross_entropy_of_real_pieces() -> None:
    model, given = build(), batch()
    given.label_BT[0, -2:] = 0
    with torch.no_grad():
        logits_BTV = model.output(model(given.source_BS, given.input_BT))
    expected = torch.nn.functional.cross_entropy(logits_BTV.flatten(0, 1), given.label_BT.flatten(), ignore_index=0)
    assert held_out_loss(model, [given]) == pytest.approx(expected.item(), rel=1e-5)


def test_every_part_is_named_and_the_only_decoder_layer_is_not_for_sale() -> None:
    found = sensitivities(build(), [batch()])
    assert [one.part for one in found] == [
        "encoder.0", "encoder.0.attention", "encoder.0.ffn",
        "encoder.1", "encoder.1.attention", "encoder.1.ffn",
        "decoder.0.attention", "decoder.0.cross", "decoder.0.ffn",
    ]  # fmt: skip


def test_a_block_that_does_nothing_is_worth_nothing_and_leaves_the_model_as_it_was() -> None:
    model, given = build(), batch()
    with torch.no_grad():
        model.get_parameter("encoder.1.ffn.down.weight").zero_()
        model.get_parameter("encoder.1.ffn.down.bias").zero_()
    before = held_out_loss(model, [given])
    worth = {one.part: one.loss for one in sensitivities(model, [given])}
    assert worth["encoder.1.ffn"] == 0.0
    assert worth["encoder.0.ffn"] != 0.0
    assert held_out_loss(model, [given]) == before

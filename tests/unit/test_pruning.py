from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from seqline.compression.importance import magnitude, taylor
from seqline.compression.layers import without_layer
from seqline.compression.pruning import prune
from seqline.compression.smaller import Prunable, Shares, without
from seqline.models.attention import CrossAttention, SelfAttention
from seqline.models.base import num_parameters
from seqline.models.config import TransformerConfig
from seqline.models.transformer import Transformer
from seqline.models.transformer_layers import FeedForward
from seqline.training.batching import Batch

CONFIG = TransformerConfig(
    kind="transformer", source_vocabulary=40, target_vocabulary=40, width=16, head_width=4, encoder_heads=4,
    decoder_heads=4, encoder_ffn=(64, 64), decoder_ffn=(64,), activation="relu", dropout=0.1, tie="target",
    max_positions=32,
)  # fmt: skip


def build(config: TransformerConfig = CONFIG) -> Transformer:
    torch.manual_seed(1)
    return Transformer(config).eval()


def batch(seed: int = 1) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    source_BS, target_BT = (torch.randint(4, 40, (6, length), generator=generator) for length in (7, 9))
    source_BS[:, -1] = 3
    return Batch(source_BS, target_BT, target_BT.roll(-1, dims=1))


def silence(model: Transformer, heads: tuple[int, ...], units: range) -> None:
    """Make heads and feed-forward units that do nothing at all."""
    with torch.no_grad():
        for block in model.modules():
            if isinstance(block, SelfAttention | CrossAttention):
                for head in heads:
                    block.out.weight[:, head * 4 : head * 4 + 4] = 0
                    for linear in (block.qkv,) if isinstance(block, SelfAttention) else (block.q, block.kv):
                        for part in range(linear.out_features // 16):
                            rows = slice(part * 16 + head * 4, part * 16 + head * 4 + 4)
                            linear.weight[rows] = 0
                            linear.bias[rows] = 0
            if isinstance(block, FeedForward):
                block.down.weight[:, units] = 0
                block.up.weight[units] = 0


def features(model: Transformer, given: Batch) -> torch.Tensor:
    with torch.no_grad():
        return model(given.source_BS, given.input_BT)


@pytest.mark.parametrize("activation", ["relu", "gelu", "swiglu"])
def test_units_that_are_exactly_zero_are_found_and_removed_without_changing_the_output(activation: Any) -> None:
    config = replace(CONFIG, activation=activation)
    model, given = build(config), batch()
    silence(model, heads=(1, 2), units=range(8, 40))
    smaller = prune(model, taylor(model, [given]), heads_share=0.5, ffn_share=0.5)
    assert smaller.config == replace(config, encoder_heads=2, decoder_heads=2, encoder_ffn=(32, 32), decoder_ffn=(32,))
    torch.testing.assert_close(features(smaller, given), features(model, given), rtol=1e-5, atol=1e-5)


def test_each_block_keeps_its_own_most_important_heads() -> None:
    model = build()
    importances = taylor(model, [batch()])
    for scores in importances.values():
        scores.zero_()
    importances["encoder.0.attention"][[0, 3]] = 1.0
    importances["encoder.1.attention"][[1, 2]] = 1.0
    smaller = prune(model, importances, heads_share=0.5, ffn_share=0.0)
    first, second = (smaller.get_parameter(f"encoder.{layer}.attention.out.weight") for layer in (0, 1))
    assert torch.equal(first, model.get_parameter("encoder.0.attention.out.weight")[:, [*range(4), *range(12, 16)]])
    assert torch.equal(second, model.get_parameter("encoder.1.attention.out.weight")[:, 4:12])


def test_importance_of_a_unit_is_the_taylor_sum_over_its_own_weights() -> None:
    model, given = build(), batch()
    logits_BTV = model.output(model(given.source_BS, given.input_BT))
    loss = torch.nn.functional.cross_entropy(logits_BTV.flatten(0, 1), given.label_BT.flatten(), reduction="sum")
    torch.autograd.backward(loss)
    up, bias, down = (model.get_parameter(f"decoder.0.ffn.{name}") for name in ("up.weight", "up.bias", "down.weight"))
    unit = 5
    expected = sum(
        (weight.detach() * weight.grad).abs().select(dim, unit).sum()  # type: ignore[operator]
        for weight, dim in ((up, 0), (bias, 0), (down, 1))
    )
    assert taylor(model, [given])["decoder.0.ffn"][unit].item() == pytest.approx(float(expected), rel=1e-4)


def test_importances_of_batches_add_up() -> None:
    model = build()
    both, one, other = (taylor(model, batches) for batches in ([batch(1), batch(2)], [batch(1)], [batch(2)]))
    for name, scores in both.items():
        torch.testing.assert_close(scores, one[name] + other[name])


def test_importance_changes_neither_weights_nor_gradients() -> None:
    model = build()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    taylor(model, [batch()])
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())


def test_the_parameter_count_drops_by_what_was_asked() -> None:
    model = build()
    smaller = prune(model, taylor(model, [batch()]), heads_share=0.25, ffn_share=0.25)
    head, unit = 4 * (4 * 16 + 3), 2 * 16 + 1  # q, k, v with bias and out; up with bias and down
    assert num_parameters(model) - num_parameters(smaller) == 4 * head + 3 * 16 * unit


@pytest.mark.parametrize("rounds", [2, 3, 5])
@pytest.mark.parametrize("share", [0.25, 0.4, 0.5, 0.8])
def test_rounds_come_to_the_shape_of_one_cut(share: float, rounds: int) -> None:
    whole = build()
    at_once = without(whole, magnitude(whole), Shares(share, share), whole)
    model: Prunable = whole
    for number in range(1, rounds + 1):
        assert isinstance(model, Transformer)
        model = without(model, magnitude(model), Shares(share, share).of_round(number, rounds), whole)
    assert isinstance(model, Transformer)
    assert isinstance(at_once, Transformer)
    assert model.config.encoder_heads == at_once.config.encoder_heads
    assert sum(model.config.encoder_ffn + model.config.decoder_ffn) == sum(
        at_once.config.encoder_ffn + at_once.config.decoder_ffn
    )


def test_the_smaller_model_can_be_saved_loaded_and_pruned_again(tmp_path: Path) -> None:
    from seqline import models

    model, given = build(), batch()
    smaller = prune(model, taylor(model, [given]), heads_share=0.25, ffn_share=0.25)
    models.save(smaller, tmp_path)
    loaded = models.load(tmp_path)
    assert isinstance(loaded, Transformer)
    assert torch.equal(features(loaded, given), features(smaller, given))
    again = prune(loaded, taylor(loaded, [given]), heads_share=0.5, ffn_share=0.5, whole=model)
    assert (again.config.encoder_heads, sum(again.config.encoder_ffn + again.config.decoder_ffn)) == (2, 96)


def test_at_least_one_head_and_one_block_of_units_stay() -> None:
    model = build()
    smaller = prune(model, taylor(model, [batch()]), heads_share=0.99, ffn_share=0.99)
    assert (smaller.config.encoder_heads, smaller.config.decoder_ffn) == (1, (16,))


def test_pruning_nothing_keeps_the_model() -> None:
    model, given = build(), batch()
    same = prune(model, taylor(model, [given]), heads_share=0.0, ffn_share=0.0)
    assert same.config == CONFIG
    assert torch.equal(features(same, given), features(model, given))


def test_a_feed_forward_block_that_matters_more_keeps_more_units() -> None:
    model = build()
    importances = taylor(model, [batch()])
    importances["encoder.1.ffn"] *= 1000
    smaller = prune(model, importances, heads_share=0.0, ffn_share=0.5)
    assert smaller.config.encoder_ffn[1] == 64
    assert sum((*smaller.config.encoder_ffn, *smaller.config.decoder_ffn)) == 96
    assert min(smaller.config.encoder_ffn) == 16


def test_magnitude_is_the_length_of_a_units_own_weights() -> None:
    model = build()
    block = model.get_submodule("decoder.0.cross")
    assert isinstance(block, CrossAttention)
    own = torch.cat(
        [
            *(linear.weight.view(-1, 16, 16)[:, 4:8].flatten() for linear in (block.q, block.kv)),
            *(linear.bias.view(-1, 16)[:, 4:8].flatten() for linear in (block.q, block.kv)),
            block.out.weight[:, 4:8].flatten(),
        ]
    )
    assert magnitude(model)["decoder.0.cross"][1].item() == pytest.approx(own.norm().item())


def test_a_model_without_a_layer_is_the_other_layers() -> None:
    model, given = build(), batch()
    smaller = without_layer(model, "encoder", 0)
    del model.encoder[0]
    assert len(smaller.encoder) == 1
    assert torch.equal(features(smaller, given), features(model, given))


def test_the_only_layer_cannot_go() -> None:
    with pytest.raises(ValueError, match="the only layer of the decoder"):
        without_layer(build(), "decoder", 0)

"""The Transformer against torch's own modules, and against itself where two ways must agree."""

import dataclasses

import pytest
import torch
from copying import assert_learns_to_copy
from torch import Tensor, nn

from seqline.decoding.scoring import score
from seqline.models.base import num_parameters
from seqline.models.config import TransformerConfig
from seqline.models.positions import rotated, rotations
from seqline.models.transformer import Transformer
from seqline.special import BOS, EOS, PAD

CONFIG = TransformerConfig(
    kind="transformer",
    source_vocabulary=13,
    target_vocabulary=17,
    width=16,
    head_width=4,
    encoder_heads=4,
    decoder_heads=4,
    encoder_ffn=(24, 24),
    decoder_ffn=(24, 24),
    activation="relu",
    dropout=0.0,
    tie="none",
)
VARIANTS = {
    "plain": CONFIG,
    "gelu": dataclasses.replace(CONFIG, activation="gelu"),
    "swiglu": dataclasses.replace(CONFIG, activation="swiglu"),
    "rms norm": dataclasses.replace(CONFIG, norm="rms"),
    "post-norm": dataclasses.replace(CONFIG, norm_place="post"),
    "rotary": dataclasses.replace(CONFIG, positions="rotary"),
    "tied": dataclasses.replace(CONFIG, tie="target"),
    "all tied": dataclasses.replace(CONFIG, tie="all", source_vocabulary=17),
    "pruned": dataclasses.replace(CONFIG, encoder_heads=3, decoder_heads=2, encoder_ffn=(5, 9), decoder_ffn=(7,)),
}


def make(config: TransformerConfig) -> Transformer:
    torch.manual_seed(3)
    model = Transformer(config).eval()
    for weight in model.parameters():  # norms and biases off their resting values
        weight.data += 0.05 * torch.randn_like(weight)
    return model


def some_batch() -> tuple[Tensor, Tensor]:
    source = torch.tensor([[5, 6, 7, EOS, PAD, PAD], [4, 5, 6, 7, 8, EOS]])
    target = torch.tensor([[BOS, 9, 10, PAD], [BOS, 11, 5, 6]])
    return source, target


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_step_by_step_equals_all_at_once(config: TransformerConfig) -> None:
    model, (source, target) = make(config), some_batch()
    features = model(source, target)
    state = model.start(model.encode(source))
    for position in range(target.size(1)):
        stepped, state = model.features(state, target[:, position])
        real = target[:, position] != PAD
        torch.testing.assert_close(stepped[real], features[real, position], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_padding_and_company_change_nothing(config: TransformerConfig) -> None:
    model, (source, target) = make(config), some_batch()
    alone = model(source[:1, :4], target[:1, :3])
    together = model(source, target)[:1, :3]
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_variant_learns_to_copy(config: TransformerConfig) -> None:
    torch.manual_seed(3)
    assert_learns_to_copy(Transformer(config))


@pytest.mark.parametrize("pre_norm", [True, False])
def test_encoder_layers_equal_torch_transformer_encoder(pre_norm: bool) -> None:
    model = make(dataclasses.replace(CONFIG, norm_place="pre" if pre_norm else "post")).double()
    theirs = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(16, 4, 24, 0.0, norm_first=pre_norm, batch_first=True, dtype=torch.float64),
        num_layers=2,
        norm=nn.LayerNorm(16, dtype=torch.float64) if pre_norm else None,
        enable_nested_tensor=False,
    ).eval()
    names = {
        "self_attn.in_proj_": "attention.qkv.",
        "self_attn.out_proj.": "attention.out.",
        "linear1.": "ffn.up.",
        "linear2.": "ffn.down.",
        "norm1.": "attention_norm.",
        "norm2.": "ffn_norm.",
    }
    ours = model.state_dict()
    for name, weight in theirs.state_dict().items():
        if name.startswith("norm."):
            weight.copy_(ours["encoder_" + name])
            continue
        _, layer, inner = name.split(".", 2)
        prefix = next(prefix for prefix in names if inner.startswith(prefix))
        weight.copy_(ours[f"encoder.{layer}.{names[prefix]}{inner.removeprefix(prefix)}"])

    source, _ = some_batch()
    embedded = model._embed(model.source_embedding, source, 0)
    expected = theirs(embedded, src_key_padding_mask=source == PAD)
    found = model.encode(source).states_BSD
    torch.testing.assert_close(found[source != PAD], expected[source != PAD])


def test_rotary_attention_depends_on_distances_alone() -> None:
    table = rotations(40, 8).double()
    q, k = torch.randn(2, 1, 1, 5, 8, dtype=torch.float64)
    here, there = (
        rotated(q, table[:, first : first + 5]) @ rotated(k, table[:, first : first + 5]).mT for first in (0, 30)
    )
    torch.testing.assert_close(here, there, atol=1e-5, rtol=1e-5)
    assert (here - q @ k.mT).abs().max() > 0.01


def test_attention_rows_sum_to_one_and_avoid_padding() -> None:
    model, (source, target) = make(CONFIG), some_batch()
    weights = model.attend(model.encode(source), target)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4))
    assert weights[0, :, 4:].abs().max() == 0


def test_selected_rows_go_on_like_their_originals() -> None:
    model, (source, _) = make(CONFIG), some_batch()
    _, state = model.features(model.start(model.encode(source)), torch.tensor([BOS, BOS]))
    swapped, _ = model.step(state.select(torch.tensor([1, 0, 1])), torch.tensor([5, 6, 7]))
    straight, _ = model.step(state.select(torch.tensor([0, 1])), torch.tensor([6, 5]))
    torch.testing.assert_close(swapped[[1, 0]], straight)


def test_tied_weights_count_once() -> None:
    untied, tied = make(CONFIG), make(VARIANTS["tied"])
    assert num_parameters(untied) - num_parameters(tied) == 17 * 16


def test_score_sums_log_probabilities_of_real_pieces_only() -> None:
    model, (source, target) = make(CONFIG), some_batch()
    label = torch.tensor([[9, 10, EOS, PAD], [11, 5, 6, EOS]])
    found = score(model, source, target, label)
    assert found[0, 3] == 0
    assert (found[label != PAD] < 0).all()

from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file
from tiny_training import run_of, tiny_model

from seqline.compression.coefficients import zero_smallest
from seqline.models.config import TransformerConfig
from seqline.models.matrices import matrices
from seqline.models.transformer import Transformer
from seqline.training.loop import fit
from seqline.training.zeros import Zeros

CONFIG = TransformerConfig("transformer", 20, 20, 32, 8, 4, 4, (64,), (64,), "relu", 0.0, "target")


def test_the_smallest_of_each_matrix_go_and_vectors_stay() -> None:
    model = Transformer(CONFIG)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    zero_smallest(model, 0.25)
    for name, weight in model.named_parameters():
        if weight.dim() != 2:
            assert torch.equal(weight, before[name])
            continue
        gone = weight == 0
        assert int(gone.sum()) >= weight.numel() // 4
        assert before[name][gone].abs().max() <= weight[~gone].abs().min()
        assert torch.equal(weight[~gone], before[name][~gone])


def test_equal_weights_go_by_position() -> None:
    model = Transformer(CONFIG)
    weight = model.encoder[0].get_parameter("ffn.down.weight")
    torch.nn.init.ones_(weight)
    zero_smallest(model, 0.5)
    assert torch.equal(weight.flatten() == 0, torch.arange(weight.numel()) < weight.numel() // 2)


def test_zeros_stay_where_they_were() -> None:
    model = Transformer(CONFIG)
    zero_smallest(model, 0.5)
    weight = model.encoder[0].get_parameter("ffn.up.weight")
    zeros, was_zero = Zeros.of(model), weight == 0
    with torch.no_grad():
        weight += 1
    zeros.restore()
    assert torch.equal(weight == 0, was_zero)


def test_the_gradients_of_weights_that_stay_zero_count_in_no_norm() -> None:
    model = Transformer(CONFIG)
    zero_smallest(model, 0.5)
    weight, zeros = model.encoder[0].get_parameter("ffn.up.weight"), Zeros.of(model)
    for one in model.parameters():
        one.grad = torch.ones_like(one)
    model.source_embedding.weight.grad = None
    zeros.hold()
    assert weight.grad is not None
    assert torch.equal(weight.grad == 0, weight == 0)


def test_weights_that_stay_zero_leave_no_moments(tmp_path: Path) -> None:
    model = tiny_model()
    zero_smallest(model, 0.5)
    were_zero = [weight == 0 for weight in matrices(model)]
    run = replace(run_of(tmp_path, max_updates=6, average_decay=0.0), keeps_zeros=True)
    fit(model, run)
    saved = load_file(run.checkpoint / "state.safetensors")
    for number, (weight, was_zero) in enumerate(zip(matrices(model), were_zero, strict=True)):
        assert torch.equal(weight == 0, was_zero)
        moments = saved[f"optimiser.0.{number}.exp_avg_sq"]
        assert not moments[was_zero].any()
        assert moments[~was_zero].any()


def test_without_zeros_to_keep_nothing_changes() -> None:
    model = Transformer(CONFIG)
    before = [weight.clone() for weight in model.parameters()]
    Zeros.none().restore()
    assert all(torch.equal(*pair) for pair in zip(before, model.parameters(), strict=True))

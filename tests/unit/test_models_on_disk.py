"""Models on disk: what is read back, and what is said of files that do not fit together."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from seqline import models
from seqline.errors import ArtifactError, InputError
from seqline.models.config import ModelConfig, RecurrentConfig, TransformerConfig, write_config

TRANSFORMER = TransformerConfig("transformer", 13, 17, 8, 4, 2, 2, (12,), (12,), "relu", 0.0, "target")
GRU = RecurrentConfig("gru", 13, 17, 8, 1, 1, "general", 0.0, "target")


def described_as(folder: Path, config: ModelConfig, stored: ModelConfig = TRANSFORMER) -> Path:
    """A folder with the weights of one model and the description of another."""
    models.save(models.build(stored), folder)
    write_config(folder / models.CONFIG, config)
    return folder


@pytest.mark.parametrize("config", [TRANSFORMER, GRU], ids=["transformer", "gru"])
def test_a_model_is_read_back_as_it_was(config: ModelConfig, tmp_path: Path) -> None:
    model = models.build(config)
    models.save(model, tmp_path)
    found = models.load(tmp_path)
    assert found.config == config
    assert found.output.weight is found.get_parameter("target_embedding.weight")
    assert all(torch.equal(weight, found.state_dict()[name]) for name, weight in model.state_dict().items())


def told(folder: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        models.load(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_vocabulary_that_does_not_fit_is_told_with_both_sizes(tmp_path: Path) -> None:
    folder = described_as(tmp_path, replace(TRANSFORMER, source_vocabulary=1300))
    assert f"{folder / models.WEIGHTS}: source_embedding.weight is 13 × 8, but 1,300 × 8 in" in told(folder)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (replace(TRANSFORMER, encoder_ffn=(12, 12)), "encoder.1.attention.out.bias is missing"),
        (replace(TRANSFORMER, decoder_ffn=()), "decoder.0.attention.out.bias is no weight of the model"),
        (GRU, "attention.key.weight is missing"),
    ],
    ids=["a layer too few", "a layer too many", "of another kind"],
)
def test_weights_of_another_architecture_are_told_by_name(config: ModelConfig, reason: str, tmp_path: Path) -> None:
    assert reason in told(described_as(tmp_path, config))


@pytest.mark.parametrize(
    "config",
    [
        replace(TRANSFORMER, head_width=-4),
        replace(TRANSFORMER, width=0),
        replace(TRANSFORMER, source_vocabulary=0),
        replace(TRANSFORMER, tie="all"),
        replace(GRU, target_vocabulary=-1),
    ],
    ids=["negative", "no width", "no piece", "untieable", "recurrent"],
)
def test_what_cannot_be_built_is_refused_in_one_line(config: ModelConfig, tmp_path: Path) -> None:
    assert f"{tmp_path / models.CONFIG}: no such model can be built" in told(described_as(tmp_path, config))


def test_torn_weights_are_refused_in_one_line(tmp_path: Path) -> None:
    weights = described_as(tmp_path, TRANSFORMER) / models.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1])
    assert str(weights) in told(tmp_path)


def test_tying_everything_needs_one_vocabulary() -> None:
    with pytest.raises(InputError, match="joint vocabulary"):
        models.build(replace(TRANSFORMER, tie="all"))

"""The training loop on a task small enough to learn in seconds."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from seqline.errors import MismatchError, NotFiniteError
from seqline.models import build
from seqline.models.base import EncoderDecoder
from seqline.models.config import TransformerConfig
from seqline.params.modelling import Optimisation
from seqline.tokenization import Tokenizer, train_tokenizer
from seqline.training import loop
from seqline.training.data import TrainingData
from seqline.training.loop import Run, fit
from seqline.training.schedule import learning_rate
from seqline.types import NoTracker

WORDS = [consonant + vowel for consonant in "bdg" for vowel in "aeiou"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    chance = random.Random(1)
    lines = [" ".join(chance.choices(WORDS, k=chance.randint(2, 6))) for _ in range(300)]
    folder = tmp_path_factory.mktemp("tokenizer")
    for name in ("source.model", "target.model"):
        (folder / name).write_bytes(train_tokenizer(lines, ["en"], 300, 1.0, 1))
    return TrainingData.of(lines, lines, Tokenizer.load(folder))


def settings(**changes: Any) -> Optimisation:
    values: dict[str, Any] = {
        "batch_tokens": 200,
        "accumulate": 2,
        "max_updates": 24,
        "warmup_updates": 4,
        "learning_rate": 0.003,
        "schedule": "cosine",
        "weight_decay": 0.01,
        "betas": [0.9, 0.98],
        "clip_norm": 1.0,
        "label_smoothing": 0.1,
        "subword_sampling": 0.3,
        "average_decay": 0.9,
        "validate_every": 6,
        "patience": 100,
        "validation_pairs": 10,
    }
    return Optimisation.model_validate(values | changes)


def model_for(data: TrainingData) -> EncoderDecoder:
    sizes = (data.tokenizer.source_vocabulary, data.tokenizer.target_vocabulary)
    torch.manual_seed(1)
    return build(TransformerConfig("transformer", *sizes, 16, 8, 2, 2, (32,), (32,), "relu", 0.2, "target"))


def rising(model: EncoderDecoder) -> Mapping[str, float]:
    return {"chrf": float(model.output.weight.detach().abs().sum()), "bleu": 0.0}


def run_of(data: TrainingData, folder: Path, validate: loop.Validator = rising, **changes: Any) -> Run:
    return Run(data, validate, settings(**changes), 1, folder / "checkpoint", {"data": "x"}, NoTracker(), "test")


class KilledError(Exception):
    pass


@pytest.mark.parametrize("kill_at", [5, 6, 7, 12, 20])
def test_killed_and_started_again_ends_with_the_same_bits(
    kill_at: int, data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    whole = model_for(data)
    curve = fit(whole, run_of(data, tmp_path / "whole"))

    update = loop._update

    def dying(state: Any, *rest: Any) -> None:
        if state.progress.update == kill_at:
            raise KilledError
        update(state, *rest)

    monkeypatch.setattr(loop, "_update", dying)
    with pytest.raises(KilledError):
        fit(model_for(data), run_of(data, tmp_path / "parts"))
    monkeypatch.setattr(loop, "_update", update)
    resumed = model_for(data)
    assert fit(resumed, run_of(data, tmp_path / "parts")) == curve
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_resuming_on_other_data_is_refused_by_name(data: TrainingData, tmp_path: Path) -> None:
    fit(model_for(data), run_of(data, tmp_path, max_updates=6))
    other = Run(data, rising, settings(), 1, tmp_path / "checkpoint", {"data": "y"}, NoTracker(), "test")
    with pytest.raises(MismatchError, match="another data"):
        fit(model_for(data), other)


def test_a_loss_that_is_not_finite_stops_before_the_step(data: TrainingData, tmp_path: Path) -> None:
    model = model_for(data)
    model.output.weight.data[5, 3] = float("nan")
    before = [weight.clone() for weight in model.parameters()]
    with pytest.raises(NotFiniteError, match="update 1"):
        fit(model, run_of(data, tmp_path))
    for weight, kept in zip(model.parameters(), before, strict=True):
        assert torch.equal(weight.nan_to_num(), kept.nan_to_num())


def test_training_stops_when_validation_stays_without_gain(data: TrainingData, tmp_path: Path) -> None:
    curve = fit(
        model_for(data), run_of(data, tmp_path, lambda _: {"chrf": 1.0, "bleu": 0.0}, patience=2, max_updates=100)
    )
    assert [row["update"] for row in curve] == [6, 12, 18]


def test_loss_falls(data: TrainingData, tmp_path: Path) -> None:
    curve = fit(model_for(data), run_of(data, tmp_path, max_updates=60))
    assert curve[-1]["loss"] < 0.8 * curve[0]["loss"]


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "cosine", "linear"])
def test_learning_rate_rises_to_its_peak_then_falls(schedule: str) -> None:
    values = settings(schedule=schedule, max_updates=100, warmup_updates=10)
    rates = [learning_rate(values, update) for update in range(100)]
    assert rates[9] == max(rates) == values.learning_rate
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert min(rates) > 0

"""A training run that takes a second: short lines of twelve syllables, copied by a model of width 16."""

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from seqline.models import build
from seqline.models.base import EncoderDecoder
from seqline.models.config import TransformerConfig
from seqline.params.modelling import Optimisation
from seqline.tokenization import Tokenizer, train_tokenizer
from seqline.training.data import TrainingData
from seqline.training.run import Run, Validator
from seqline.types import NoTracker

WORDS = [consonant + vowel for consonant in "bdg" for vowel in "aeiou"]


@cache
def tiny_data() -> TrainingData:
    chance = random.Random(1)
    lines = [" ".join(chance.choices(WORDS, k=chance.randint(2, 6))) for _ in range(300)]
    with TemporaryDirectory() as folder:
        for name in ("source.model", "target.model"):
            (Path(folder) / name).write_bytes(train_tokenizer(lines, ["en"], 300, 1.0, 1))
        return TrainingData.of(lines, lines, Tokenizer.load(Path(folder)))


def settings(**changes: Any) -> Optimisation:
    values: dict[str, Any] = {
        "batch_tokens": 200,
        "accumulate": 2,
        "max_updates": 24,
        "warmup_updates": 4,
        "learning_rate": 0.003,
        "optimiser": "adamw",
        "schedule": "cosine",
        "decay_share": 0.3,
        "weight_decay": 0.01,
        "betas": [0.9, 0.98],
        "clip_norm": 1.0,
        "label_smoothing": 0.1,
        "r_drop": 0.0,
        "word_dropout": 0.0,
        "int8_aware": False,
        "subword_sampling": 0.3,
        "average_decay": 0.9,
        "average_last": 0,
        "validate_every": 6,
        "patience": 100,
        "validation_pairs": 10,
    }
    return Optimisation.model_validate(values | changes)


def tiny_model(dropout: float = 0.2) -> EncoderDecoder:
    tokenizer = tiny_data().tokenizer
    sizes = (tokenizer.source_vocabulary, tokenizer.target_vocabulary)
    torch.manual_seed(1)
    return build(TransformerConfig("transformer", *sizes, 16, 8, 2, 2, (32,), (32,), "relu", dropout, "target"))


def rising(model: EncoderDecoder) -> Mapping[str, float]:
    return {"chrf": float(model.output.weight.detach().abs().sum()), "bleu": 0.0}


def run_of(folder: Path, validate: Validator = rising, **changes: Any) -> Run:
    fingerprint = {"data": "x"}
    return Run(tiny_data(), validate, settings(**changes), 1, folder / "checkpoint", fingerprint, NoTracker(), "test")

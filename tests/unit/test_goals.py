from pathlib import Path

import pytest
from tiny_training import tiny_data

from seqline import models
from seqline.compression.export import write_bundle
from seqline.compression.goals import least_share, measure_of
from seqline.compression.importance import magnitude
from seqline.compression.pruning import prune
from seqline.errors import StageError
from seqline.models.base import num_parameters
from seqline.models.config import TransformerConfig
from seqline.models.transformer import Transformer
from seqline.params.compression import Target

TOKENIZER = tiny_data().tokenizer
SIZES = (TOKENIZER.source_vocabulary, TOKENIZER.target_vocabulary)
MODEL = Transformer(TransformerConfig("transformer", *SIZES, 32, 8, 4, 4, (256,), (256,), "relu", 0.0, "target"))


def cut(share: float) -> Transformer:
    return prune(MODEL, magnitude(MODEL), heads_share=share, ffn_share=share)


def deploy(model: Transformer, folder: Path) -> None:
    staging = folder.parent / "model"
    staging.mkdir()
    models.save(model, staging)
    TOKENIZER.save(staging)
    write_bundle(staging, folder, "int8", name="tiny", languages=("en", "en"), max_pieces=40)


def test_no_more_goes_than_the_target_asks_for() -> None:
    goal = num_parameters(cut(0.4))
    measure, value, key = measure_of(Target(parameters=goal), deploy, [], 4)
    share, reached = least_share(cut, measure, value, key)
    assert num_parameters(cut(share)) == reached <= goal
    assert num_parameters(cut(share - 0.05)) > goal


def test_a_target_that_is_met_already_takes_nothing() -> None:
    measure, value, key = measure_of(Target(parameters=10**9), deploy, [], 4)
    assert least_share(cut, measure, value, key) == (0.0, num_parameters(MODEL))


def test_megabytes_are_those_of_what_would_be_deployed() -> None:
    measure, _, _ = measure_of(Target(mb=1.0), deploy, [], 4)
    whole, half = measure(MODEL), measure(cut(0.5))
    assert 0.02 < half < whole < 0.5


def test_latency_is_measured_in_milliseconds() -> None:
    measure, _, _ = measure_of(Target(ms=5.0), deploy, ["ba be bi", "do du"], 4)
    assert 0.01 < measure(MODEL) < 1000


def test_a_target_out_of_reach_says_how_near_one_comes() -> None:
    measure, value, key = measure_of(Target(parameters=10), deploy, [], 4)
    with pytest.raises(StageError, match=r"parameters: 10 cannot be reached: .* it is still [\d,.e+]+"):
        least_share(cut, measure, value, key)

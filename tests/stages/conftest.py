"""A workspace in which a tiny model has walked the whole way from clean text to a quantised bundle."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from seqline import params
from seqline.files import staged
from seqline.params import Params
from seqline.stages import distill, prune, quantize, synthesize, tokenize, train
from seqline.stages.job import Job, Report
from seqline.workspace import Workspace

ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
CHINESE = "零一二三四五六七八九"
MODEL = {"width": 32, "heads": 4, "ffn": 64, "encoder_layers": 1, "decoder_layers": 1, "dropout": 0.0}
OPTIMISATION: dict[str, Any] = {
    "batch_tokens": 512, "max_updates": 80, "warmup_updates": 20, "learning_rate": 0.01, "average_decay": 0.9,
    "validate_every": 80, "validation_pairs": 20,
}  # fmt: skip


@dataclass(frozen=True)
class Walked:
    """The workspace after the stages, and what each of them reported."""

    job: Job
    reports: dict[str, Report]


def numbers(count: int, seed: int) -> pl.DataFrame:
    """Numbers in English and Chinese words, digit by digit, as `clean` leaves pairs."""
    random = np.random.default_rng(seed)
    rows = [random.integers(0, 10, random.integers(2, 8)) for _ in range(count)]
    return pl.DataFrame(
        {
            "id": range(count),
            "corpus": ["numbers"] * count,
            "line": range(1, count + 1),
            "source": [" ".join(ENGLISH[digit] for digit in row) for row in rows],
            "target": ["".join(CHINESE[digit] for digit in row) for row in rows],
        }
    )


def small_params() -> Params:
    """params.yaml of the project, made small; project threads 1, so that tests side by side do not slow each other."""
    whole = params.load(Path(__file__).parents[2] / "params.yaml")
    parts: dict[str, dict[str, Any]] = {
        "project": {"threads": 1},
        "tokenize": {"source_vocabulary": 300, "target_vocabulary": 300, "max_pieces": 40},
        "synthesize": {"beam": 3, "nbest": 3, "batch_tokens": 512, "shard_pairs": 150},
        "quantize": {"max_bleu_loss": 50.0},
    }
    return whole.model_copy(
        update={
            **{name: getattr(whole, name).model_copy(update=values) for name, values in parts.items()},
            "train": whole.train.model_copy(update=_trained(whole.train)),
            "distill": whole.distill.model_copy(update=_distilled(whole.distill)),
            "prune": whole.prune.model_copy(
                update={"recovery": whole.prune.recovery.model_copy(update={**OPTIMISATION, "max_updates": 30})}
            ),
        }
    )


def _distilled(block: Any) -> dict[str, Any]:
    trained = _trained(block)
    return {"students": {"light": trained.pop("model")}, **trained}


def _trained(block: Any) -> dict[str, Any]:
    return {
        "model": block.model.model_copy(update=MODEL),
        "optimisation": block.optimisation.model_copy(update=OPTIMISATION),
    }


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """Every stage of compression, run once; do not alter its files."""
    work = Workspace(tmp_path_factory.mktemp("walked"))
    with staged(work.clean) as folder:
        for split, count, seed in (("train", 400, 1), ("dev", 40, 2), ("test", 40, 3)):
            numbers(count, seed).write_parquet(folder / f"{split}.parquet")
    job = Job(small_params(), work)
    stages: dict[str, Callable[[Job], Report]] = {
        "tokenize": tokenize.run, "train": train.run, "synthesize": synthesize.run, "distill": distill.run,
        "prune": prune.run, "quantize": quantize.run,
    }  # fmt: skip
    items = {"prune": "pruned", "quantize": "pruned"}
    return Walked(job, {name: stage(replace(job, item=items.get(name, ""))) for name, stage in stages.items()})


@pytest.fixture
def copied(walked: Walked, tmp_path: Path) -> Job:
    """A job in a copy of the walked workspace, to alter."""
    shutil.copytree(walked.job.work.root, tmp_path, dirs_exist_ok=True)
    return replace(walked.job, work=Workspace(tmp_path))

from typing import Any

import pytest
import torch

from seqline import files, models
from seqline.errors import StageError
from seqline.models.base import num_parameters
from seqline.models.config import RecurrentConfig
from seqline.models.transformer import Transformer
from seqline.stages import prune
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer


def test_the_pruned_model_has_fewer_heads_and_units_and_says_so(walked: Any) -> None:
    student, pruned = (models.load(walked.job.work.model(name)) for name in ("student", "pruned"))
    assert isinstance(student, Transformer)
    assert isinstance(pruned, Transformer)
    assert (student.config.encoder_heads, pruned.config.encoder_heads, pruned.config.decoder_heads) == (4, 3, 3)
    assert (student.config.encoder_ffn, pruned.config.encoder_ffn, pruned.config.decoder_ffn) == ((64,), (48,), (48,))
    removed = num_parameters(student) - num_parameters(pruned)
    assert walked.reports["prune"].metrics["removed"] == removed > 0


def test_the_pruned_model_is_a_finished_model_folder(walked: Any) -> None:
    names = set(files.verify(walked.job.work.model("pruned"))["files"])
    assert names == {"weights.safetensors", "config.json", "source.model", "target.model", "curve.csv"}


def test_pruning_again_gives_the_same_weights(copied: Job) -> None:
    weights = copied.work.model("pruned") / "weights.safetensors"
    before = files.sha256(weights)
    prune.run(copied)
    assert files.sha256(weights) == before


def test_a_recurrent_student_cannot_be_pruned_and_the_message_says_why(copied: Job) -> None:
    tokenizer = Tokenizer.load(copied.work.tokenized)
    torch.manual_seed(1)
    config = RecurrentConfig("gru", 300, 300, 16, 1, 1, "dot", 0.0, "none")
    with files.staged(copied.work.model("student")) as folder:
        models.save(models.build(config), folder)
        tokenizer.save(folder)
    with pytest.raises(StageError, match="only a Transformer can be pruned, and this is gru"):
        prune.run(copied)

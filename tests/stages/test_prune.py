import shutil
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from seqline import files, models
from seqline.errors import InputError, StageError
from seqline.models.base import num_parameters
from seqline.models.recurrent import RecurrentEncoderDecoder
from seqline.models.transformer import Transformer
from seqline.params.compression import Target
from seqline.params.modelling import Recurrent
from seqline.stages import distill, prune, quantize
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer


def test_the_pruned_model_has_fewer_heads_and_units_and_says_so(walked: Any) -> None:
    student, pruned = (models.load(walked.job.work.model(name)) for name in ("student", "pruned"))
    assert isinstance(student, Transformer)
    assert isinstance(pruned, Transformer)
    assert (student.config.encoder_heads, pruned.config.encoder_heads, pruned.config.decoder_heads) == (4, 3, 3)
    kept = sum((*pruned.config.encoder_ffn, *pruned.config.decoder_ffn))
    assert (student.config.encoder_ffn, kept) == ((64,), 96)
    removed = num_parameters(student) - num_parameters(pruned)
    assert walked.reports["prune"].metrics["removed"] == removed > 0


def test_the_pruned_model_is_a_finished_model_folder(walked: Any) -> None:
    names = set(files.verify(walked.job.work.model("pruned"))["files"])
    assert names == {"weights.safetensors", "config.json", "source.model", "target.model", "curve.csv"}


def test_the_corpus_is_cut_as_before(walked: Any) -> None:
    work = walked.job.work
    student, pruned = (Tokenizer.load(work.model(name)) for name in ("student", "pruned"))
    assert pruned.source_vocabulary <= student.source_vocabulary
    lines = pl.read_parquet(work.clean / "train.parquet")
    for line in lines["source"].head(50):
        assert pruned.source_pieces(line) == student.source_pieces(line)


def test_the_report_tells_what_each_part_was_worth(walked: Any) -> None:
    report = report_of(walked.job)
    assert (report["heads_share"], report["ffn_share"]) == (0.25, 0.25)
    parts = [row["part"] for row in report["sensitivity"]]
    assert parts == ["encoder.0.attention", "encoder.0.ffn", "decoder.0.attention", "decoder.0.cross", "decoder.0.ffn"]
    assert max(row["loss"] for row in report["sensitivity"]) > 0.1


def report_of(job: Job) -> dict[str, Any]:
    report = files.read_json(job.work.reports / "prune" / "pruned.json")
    assert isinstance(report, dict)
    return report


def with_settings(job: Job, smaller: dict[str, Any], **values: Any) -> Job:
    block = job.params.prune
    models = {"pruned": block.models["pruned"].model_copy(update=smaller)}
    changed = block.model_copy(update={"models": models, **values})
    return replace(job, item="pruned", params=job.params.model_copy(update={"prune": changed}))


def test_pruning_in_rounds_comes_to_the_same_shape(copied: Job) -> None:
    prune.run(with_settings(copied, {"heads_share": 0.5, "ffn_share": 0.5}, rounds=2, importance="magnitude"))
    pruned = models.load(copied.work.model("pruned"))
    assert isinstance(pruned, Transformer)
    assert pruned.config.encoder_heads == 2
    assert sum((*pruned.config.encoder_ffn, *pruned.config.decoder_ffn)) == 64
    assert not list(copied.work.checkpoints("x").parent.glob("prune*"))


def test_coefficients_become_zero_and_stay_so(copied: Job) -> None:
    prune.run(with_settings(copied, {"coefficients_share": 0.6}, rounds=2))
    pruned = models.load(copied.work.model("pruned"))
    for weight in pruned.parameters():
        if weight.dim() == 2:
            assert 0.59 < float((weight == 0).float().mean()) < 0.65


def test_a_target_decides_how_much_goes(copied: Job) -> None:
    student = models.load(copied.work.model("student"))
    goal = Target(parameters=round(0.8 * num_parameters(student)))
    prune.run(with_settings(copied, {"target": goal}))
    smaller = num_parameters(models.load(copied.work.model("pruned")))
    assert report_of(copied)["reached"] == {"parameters": smaller}
    assert smaller <= 0.8 * num_parameters(student)


def test_the_report_tells_what_went_and_not_what_should_have_gone(copied: Job) -> None:
    told = prune.run(with_settings(copied, {"heads_share": 0.1, "ffn_share": 0.3}))
    pruned = models.load(copied.work.model("pruned"))
    assert isinstance(pruned, Transformer)
    assert pruned.config.encoder_heads == 4
    report = report_of(copied)
    assert (report["heads_share"], report["ffn_share"]) == (0.0, 0.25)
    assert "none has gone" not in told.summary


def test_shares_too_small_to_take_anything_are_told(copied: Job) -> None:
    assert "none has gone" in prune.run(with_settings(copied, {"heads_share": 0.1, "ffn_share": 0.05})).summary


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"heads_share": 0.99}, r"pruned\.heads_share: 0\.99 leaves none of the student's 4 heads"),
        ({"ffn_share": 0.99}, r"pruned\.ffn_share: 0\.99 leaves none of the student's 128 feed-forward units"),
    ],
)
def test_a_share_that_leaves_nothing_is_refused(copied: Job, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        prune.run(with_settings(copied, asked))


def test_a_whole_student_may_recover_for_int8_too(copied: Job) -> None:
    told = prune.run(with_settings(copied, {"heads_share": 0.0, "ffn_share": 0.0, "int8_aware": True}))
    student, pruned = (models.load(copied.work.model(name)) for name in ("student", "pruned"))
    assert isinstance(student, Transformer)
    assert isinstance(pruned, Transformer)
    assert pruned.config.encoder_heads == student.config.encoder_heads
    assert pruned.config.encoder_ffn == student.config.encoder_ffn
    assert "none has gone" not in told.summary


def test_layers_are_told_by_their_old_numbers_with_those_that_went(copied: Job) -> None:
    shape = copied.params.distill.model.model_copy(update={"encoder_layers": 3})
    block = copied.params.distill.model_copy(update={"students": {"light": shape}, "initialise": "random"})
    job = replace(copied, params=copied.params.model_copy(update={"distill": block}))
    distill.run(job)
    prune.run(with_settings(job, {"encoder_layers": 1}))
    parts = [row["part"] for row in report_of(job)["sensitivity"]]
    assert [part for part in parts if part.count(".") == 1] == ["encoder.0", "encoder.1", "encoder.2"]
    assert "encoder.2.ffn" in parts


def test_layers_that_the_student_does_not_have_cannot_stay(copied: Job) -> None:
    with pytest.raises(InputError, match=r"prune\.models\.pruned\.encoder_layers: 7 cannot stay of the student's 1"):
        prune.run(with_settings(copied, {"encoder_layers": 7}))


def test_a_round_that_was_done_under_other_params_is_not_taken(copied: Job) -> None:
    job = with_settings(copied, {"heads_share": 0.5}, rounds=2)
    prune.run(job)
    expected = files.sha256(job.work.model("pruned") / "weights.safetensors")
    slower = job.params.prune.recovery.model_copy(update={"learning_rate": 1e-6})
    other = with_settings(job, {"heads_share": 0.5}, rounds=2, recovery=slower)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # as if killed before it tidied up
        prune.run(other)
    prune.run(job)
    assert files.sha256(job.work.model("pruned") / "weights.safetensors") == expected


def test_a_target_that_leaves_nothing_is_refused_and_the_last_model_stays(copied: Job) -> None:
    before = files.content_hash(copied.work.model("pruned"))
    with pytest.raises(StageError, match=r"prune\.models\.pruned\.target\.parameters: 10 cannot be reached"):
        prune.run(with_settings(copied, {"target": Target(parameters=10)}))
    assert files.content_hash(copied.work.model("pruned")) == before


def test_pruning_again_gives_the_same_weights(copied: Job) -> None:
    weights = copied.work.model("pruned") / "weights.safetensors"
    before = files.sha256(weights)
    prune.run(replace(copied, item="pruned"))
    assert files.sha256(weights) == before


GRU = Recurrent(
    kind="gru", width=32, encoder_layers=1, decoder_layers=1, bidirectional=True, residual=False, layer_norm=False,
    attention="general", input_feeding=False, dropout=0.0, tie="target",
)  # fmt: skip


@pytest.fixture
def recurrent(copied: Job) -> Job:
    """A workspace whose student is a GRU."""
    block = copied.params.distill.model_copy(update={"students": {"light": GRU}, "initialise": "random"})
    job = replace(copied, params=copied.params.model_copy(update={"distill": block}))
    distill.run(job)
    return job


def test_a_recurrent_student_loses_hidden_units(recurrent: Job) -> None:
    job = with_settings(recurrent, {"hidden_share": 0.5}, rounds=2)
    prune.run(job)
    pruned = models.load(job.work.model("pruned"))
    assert isinstance(pruned, RecurrentEncoderDecoder)
    assert pruned.config.width == 16
    assert files.read_json(job.work.reports / "prune" / "pruned.json")["sensitivity"] == []
    assert quantize.run(job).metrics["log_prob_error"] < 1e-4


@pytest.mark.parametrize(
    ("asked", "block", "message"),
    [
        ({"target": Target(mb=1.0)}, {}, r"prune\.models\.pruned: a recurrent student loses hidden units only"),
        (
            {"hidden_share": 0.99},
            {},
            r"pruned\.hidden_share: 0\.99 leaves none of the student's 32 hidden units",
        ),
        ({"encoder_layers": 1}, {}, r"prune\.models\.pruned: a recurrent student loses hidden units only"),
        ({}, {"importance": "gates"}, r"prune\.importance: a recurrent student has no gates to learn"),
    ],
)
def test_what_a_recurrent_student_cannot_lose_is_said(
    recurrent: Job, asked: dict[str, Any], block: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        prune.run(with_settings(recurrent, asked, **block))

import shutil
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
import torch

from seqline import files, models
from seqline.errors import ArtifactError, MissingError
from seqline.models.config import RecurrentConfig
from seqline.serving.bundle import Bundle
from seqline.stages import synthesize
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer


def output(job: Job) -> pl.DataFrame:
    return pl.read_parquet(job.work.synthetic / "synthetic.parquet")


def with_settings(job: Job, **values: Any) -> Job:
    changed = job.params.synthesize.model_copy(update=values)
    return replace(job, params=job.params.model_copy(update={"synthesize": changed}))


def fail_at_call(monkeypatch: pytest.MonkeyPatch, number: int) -> list[int]:
    """Let the n-th shard fail as a kill would; returns the list in which calls are counted."""
    calls: list[int] = []
    translate = synthesize.synthesize

    def counted(pairs: pl.DataFrame, *args: Any, **kwargs: Any) -> pl.DataFrame:
        calls.append(len(pairs))
        if len(calls) == number:
            raise KeyboardInterrupt
        return translate(pairs, *args, **kwargs)

    monkeypatch.setattr(synthesize, "synthesize", counted)
    return calls


def test_each_translation_stands_beside_the_source_with_its_id(walked: Any) -> None:
    made = output(walked.job)
    clean = pl.read_parquet(walked.job.work.clean / "train.parquet")
    joined = made.join(clean, on="id", how="left", suffix="_clean")
    assert joined["source"].to_list() == joined["source_clean"].to_list()
    assert made["id"].is_sorted()
    assert (len(made), walked.reports["synthesize"].metrics["dropped"]) == (380, 20)


def test_a_second_run_leaves_the_same_bytes(copied: Job) -> None:
    before = files.content_hash(copied.work.synthetic)
    synthesize.run(copied)
    assert files.content_hash(copied.work.synthetic) == before


def test_finished_shards_of_a_killed_run_are_not_translated_again(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files.content_hash(copied.work.synthetic)
    calls = fail_at_call(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        synthesize.run(copied)
    assert files.content_hash(copied.work.synthetic) == before
    synthesize.run(copied)
    assert calls == [150, 150, 100, 100]
    assert files.content_hash(copied.work.synthetic) == before
    assert not copied.work.checkpoints("synthesize").exists()


def test_shards_made_with_other_settings_are_not_used(copied: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fail_at_call(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        synthesize.run(copied)
    synthesize.run(with_settings(copied, beam=2, nbest=2))
    assert calls == [150, 150, 100, 150, 150, 100]


def test_a_recurrent_teacher_translates_too(copied: Job) -> None:
    tokenizer = Tokenizer.load(copied.work.tokenized)
    torch.manual_seed(1)
    config = RecurrentConfig(
        "gru", tokenizer.source_vocabulary, tokenizer.target_vocabulary, width=16, encoder_layers=1, decoder_layers=1,
        attention="dot", dropout=0.0, tie="none",
    )  # fmt: skip
    with files.staged(copied.work.model("teacher")) as folder:
        models.save(models.build(config), folder)
        tokenizer.save(folder)
    report = synthesize.run(with_settings(copied, beam=1, nbest=1, drop_share=0.0))
    assert report.metrics["pairs"] + report.metrics["dropped"] == 400


def test_a_teacher_from_elsewhere_translates(copied: Job) -> None:
    folder = copied.work.root / "opus"
    shutil.copytree(copied.work.model("pruned-quantized"), folder)
    for side in ("source", "target"):
        (folder / f"{side}.model").rename(folder / f"{side}.spm")
    (folder / "manifest.json").unlink()
    synthesize.run(with_settings(copied, teachers=["opus"], beam=2, nbest=1))
    made = output(copied)
    at_home = Bundle.open(copied.work.model("pruned-quantized")).translate(made["source"].to_list(), beam=2)
    same = sum(nbest[0].text == target for nbest, target in zip(at_home, made["target"], strict=True))
    assert (len(made), same) == (380, pytest.approx(380, abs=10))


def test_two_teachers_vote_and_a_third_model_judges_backwards(copied: Job) -> None:
    shutil.copytree(copied.work.model("teacher"), copied.work.root / "second")
    exact = copied.params.quantize.model_copy(update={"shortlist": 0})
    copied = replace(copied, params=copied.params.model_copy(update={"quantize": exact}))
    once = with_settings(copied, beam=2, nbest=2, compute_type="float32")
    synthesize.run(once)
    alone = output(copied)
    synthesize.run(with_settings(once, teachers=["teacher", "second"], backward="models/teacher"))
    together = output(copied)
    assert alone["backward"].null_count() == len(alone)
    assert together["backward"].null_count() == 0
    joined = alone.join(together, on="id")
    same = sum(one == other for one, other in zip(joined["target"], joined["target_right"], strict=True))
    assert same > 0.95 * len(joined)


def test_a_teacher_that_is_not_there_is_named(copied: Job) -> None:
    with pytest.raises(MissingError, match="nowhere"):
        synthesize.run(with_settings(copied, teachers=["nowhere"]))


def test_a_damaged_teacher_is_found_before_any_work(copied: Job) -> None:
    weights = copied.work.model("teacher") / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    with pytest.raises(ArtifactError, match=r"weights\.safetensors"):
        synthesize.run(copied)

import shutil
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from seqline import files
from seqline.errors import ArtifactError, MismatchError
from seqline.stages import distill, prune
from seqline.stages.job import Job
from seqline.tokenization import Tokenizer


def test_the_student_stands_as_the_teacher_does_with_the_same_tokenizers(walked: Any) -> None:
    work = walked.job.work
    student, teacher = work.model("student"), work.model("teacher")
    assert set(files.verify(student)["files"]) == set(files.verify(teacher)["files"])
    for name in ("source.model", "target.model"):
        assert (student / name).read_bytes() == (teacher / name).read_bytes()


def test_it_learns_from_the_synthetic_pairs_and_a_share_of_the_originals(walked: Any) -> None:
    work, params = walked.job.work, walked.job.params
    synthetic = pl.read_parquet(work.synthetic / "synthetic.parquet")
    assert params.distill.originals == 0.5
    assert len(synthetic) == 380
    pieces = Tokenizer.load(work.tokenized).encode_target(synthetic["target"].to_list())
    usable = sum(0 < len(row) <= params.tokenize.max_pieces for row in pieces)
    assert walked.reports["distill"].metrics["pairs"] == usable + 200


def test_what_the_teacher_expects_may_be_learnt_beside_what_it_wrote(copied: Job) -> None:
    distill_params = copied.params.distill.model_copy(update={"word_level": 0.5, "word_level_pieces": 4})
    job = replace(copied, params=copied.params.model_copy(update={"distill": distill_params}))
    data = distill.distillation_data(job)
    assert data.lessons is not None
    assert (data.lessons.trust, len(data.lessons.ids)) == (0.5, len(data))
    assert list(data.lessons.ids.lengths) == [4 * (length + 1) for length in data.target.lengths]
    assert distill.distillation_inputs(job) != distill.distillation_inputs(copied)
    before = files.content_hash(job.work.model("student"))
    distill.run(job)
    assert files.content_hash(job.work.model("student")) != before


def test_a_student_may_learn_from_the_originals_alone(copied: Job) -> None:
    params = copied.params.distill.model_copy(update={"sequence_level": False, "originals": 1.0})
    job = replace(copied, params=copied.params.model_copy(update={"distill": params}))
    assert len(distill.distillation_data(job)) == 400


def test_translations_shifted_by_one_row_are_refused_before_training(copied: Job) -> None:
    path = copied.work.synthetic / "synthetic.parquet"
    shifted = pl.read_parquet(path).with_columns(pl.col("source").shift(1).fill_null("x"))
    with files.staged(copied.work.synthetic) as folder:
        shifted.write_parquet(folder / path.name)
    with pytest.raises(MismatchError, match="its source is not sentence"):
        distill.run(copied)


@pytest.mark.parametrize(("model", "stage"), [("teacher", distill), ("student", prune)])
def test_a_model_of_other_pieces_is_refused(copied: Job, model: str, stage: Any) -> None:
    folder = copied.work.model(model)
    with files.staged(folder) as partial:
        shutil.copytree(folder, partial, dirs_exist_ok=True, ignore=shutil.ignore_patterns(files.MANIFEST))
        shutil.copyfile(folder / "target.model", partial / "source.model")
    with pytest.raises(MismatchError, match=f"{model}: its pieces are not those of .*tokenized"):
        stage.run(replace(copied, item="pruned"))


def test_altered_translations_are_refused(copied: Job) -> None:
    path = copied.work.synthetic / "synthetic.parquet"
    path.write_bytes(path.read_bytes() + b"\x00")
    with pytest.raises(ArtifactError, match=r"synthetic\.parquet"):
        distill.run(copied)

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqline import files, params
from seqline.errors import ArtifactError, MissingError, StageError
from seqline.stages import select
from seqline.stages.job import Job
from seqline.workspace import Workspace


@pytest.fixture
def job(tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]) -> Job:
    work = make_project(tmp_path, tiny_bundle)
    figures = {"teacher-quantized": (100.0, 9.0), "student-quantized": (98.0, 4.0), "pruned-quantized": (90.0, 2.0)}
    for name, (bleu, size_mb) in figures.items():
        change(work, name, bleu=bleu, chrf=bleu, size_mb=size_mb)
    return Job(params.load(work.params), work)


def change(work: Workspace, name: str, **figures: Any) -> None:
    path = work.reports / "evaluate" / f"{name}.json"
    files.write_json(path, json.loads(path.read_text()) | figures)


def with_rules(job: Job, **values: Any) -> Job:
    rules = job.params.select.model_copy(update=values)
    return replace(job, params=job.params.model_copy(update={"select": rules}))


def test_the_smallest_that_keeps_the_score_is_selected_whole(job: Job) -> None:
    select.run(job)
    report = files.read_json(job.work.reports / "select.json")
    assert report["selected"] == "student-quantized"
    assert "the smallest" in report["reason"]
    chosen, selected = job.work.model("student-quantized"), job.work.model("selected")
    assert files.verify(selected)["candidate"] == "student-quantized"
    assert files.content_hash(selected) == files.content_hash(chosen)


def test_an_impossible_budget_leaves_the_earlier_choice(job: Job) -> None:
    select.run(job)
    with pytest.raises(StageError, match="nearest is student-quantized: 4 MB"):
        select.run(with_rules(job, max_mb=3.9))
    assert files.verify(job.work.model("selected"))["candidate"] == "student-quantized"


def test_a_model_that_changed_since_it_was_evaluated_is_not_shipped(job: Job) -> None:
    change(job.work, "student-quantized", content_hash="0" * 64)
    with pytest.raises(ArtifactError, match="not the model that was evaluated; run `evaluate@student-quantized` again"):
        select.run(job)


def test_a_model_that_was_not_evaluated_is_named_with_the_way_out(job: Job) -> None:
    (job.work.reports / "evaluate" / "student.json").unlink()
    with pytest.raises(MissingError, match="student has not been evaluated; run `seqline run evaluate@student`"):
        select.run(job)

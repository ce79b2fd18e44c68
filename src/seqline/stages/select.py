"""Stage ``select``: of the evaluated models, the one to ship becomes ``models/selected``.

Leaves ``reports/select.json``: the choice with its reason, and of every candidate what it keeps of the teacher's score
and which other one dominates it.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from seqline import files
from seqline.errors import ArtifactError, MissingError
from seqline.evaluation.front import Candidate, choose, dominators, teacher_of
from seqline.stages.job import Job, Report
from seqline.workspace import SELECTED, Workspace


def run(job: Job) -> Report:
    """Choose and copy.

    Raises:
        MissingError: a model was not evaluated.
        ArtifactError: the chosen model is not the one that was evaluated.
        StageError: no candidate keeps within the budgets.
    """
    work = job.work
    candidates = candidates_of(work, job.params.evaluate.models)
    teacher, dominated = teacher_of(candidates), dominators(candidates)
    choice = choose(candidates, job.params.select)
    folder = work.model(choice.name)
    files.verify(folder)
    if files.content_hash(folder) != evaluation(work, choice.name)["content_hash"]:
        raise ArtifactError(f"{folder}: not the model that was evaluated; run `evaluate@{choice.name}` again")
    with files.staged(work.model(SELECTED), candidate=choice.name) as target:
        shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(files.MANIFEST))
    files.write_json(
        work.reports / "select.json",
        {
            "selected": choice.name,
            "reason": choice.reason,
            "candidates": {
                one.name: {
                    "score_share": round(one.score_share(teacher), 4),
                    "is_deployable": one.is_deployable,
                    "dominated_by": dominated.get(one.name),
                }
                for one in candidates
            },
        },
    )
    return Report(f"{choice.name}: {choice.reason}", {})


def candidates_of(work: Workspace, names: Sequence[str]) -> list[Candidate]:
    """What was evaluated, in order.

    Raises:
        MissingError: a model was not evaluated.
    """
    return [candidate(name, evaluation(work, name)) for name in names]


def evaluation(work: Workspace, name: str) -> Mapping[str, Any]:
    """What the stage ``evaluate`` left about a model.

    Raises:
        MissingError: it was not evaluated.
    """
    path = work.reports / "evaluate" / f"{name}.json"
    if not path.is_file():
        raise MissingError(f"{path}: {name} has not been evaluated; run `seqline run evaluate@{name}`")
    report: Mapping[str, Any] = files.read_json(path)
    return report


def candidate(name: str, report: Mapping[str, Any]) -> Candidate:
    """A model as the stage ``evaluate`` reports it."""
    figures = {field.name: report[field.name] for field in fields(Candidate) if field.name != "name"}
    return Candidate(name, **figures)

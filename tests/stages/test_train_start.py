"""Stage ``train`` with ``train.start``: it goes on from what an earlier model knows."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from seqline import files
from seqline.stages import train
from seqline.stages.job import Job


@pytest.mark.parametrize("rank", [0, 1])
def test_a_teacher_that_goes_on_from_an_earlier_one_starts_where_that_ended(
    rank: int, copied: Job, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", str(rank))
    earlier = copied.work.root / "earlier"
    copied.work.model("teacher").rename(earlier)
    first, again = last_loss(earlier), copied.params.train
    settings = again.optimisation.model_copy(update={"max_updates": 10, "validate_every": 10, "warmup_updates": 5})
    block = again.model_copy(update={"start": "earlier", "optimisation": settings})
    train.run(replace(copied, params=copied.params.model_copy(update={"train": block})))
    assert last_loss(copied.work.model("teacher")) < first
    assert files.verify(earlier)
    assert files.manifest(copied.work.model("teacher"))["start"] == {
        "model": "earlier", "content_hash": files.content_hash(earlier), "trained_on": [None],
    }  # fmt: skip
    told = capsys.readouterr().err.count(f"train: starts from {earlier}")
    assert told == (1 if rank == 0 else 0), "the first process tells, for all"


def last_loss(folder: Path) -> float:
    with (folder / "curve.csv").open(newline="", encoding="utf-8") as stream:
        return float(list(csv.DictReader(stream))[-1]["loss"])

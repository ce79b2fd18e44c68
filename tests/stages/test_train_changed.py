"""Stage ``train`` whose params change between a kill and the next start, and change back."""

from dataclasses import replace
from typing import Any

import pytest

from seqline.stages import train
from seqline.stages.job import Job
from seqline.training import loop
from seqline.training.state import TrainingState

OPTIMISATION = {"max_updates": 10, "validate_every": 5, "warmup_updates": 5}


def with_rate(job: Job, learning_rate: float) -> Job:
    block = job.params.train
    settings = block.optimisation.model_copy(update={**OPTIMISATION, "learning_rate": learning_rate})
    changed = block.model_copy(update={"optimisation": settings})
    return replace(job, params=job.params.model_copy(update={"train": changed}))


def killed(job: Job, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    update = loop.update

    def dying(state: TrainingState, *rest: Any) -> None:
        if state.progress.update == at:
            raise KeyboardInterrupt
        update(state, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "update", dying)
        with pytest.raises(KeyboardInterrupt):
            train.run(job)


def test_the_checkpoint_of_other_params_is_told_left_alone_and_gone_on_from_when_they_are_back(
    copied: Job, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    killed(with_rate(copied, 0.002), 7, monkeypatch)
    (begun,) = copied.work.checkpoints("train").iterdir()
    assert "left alone" not in capsys.readouterr().err

    train.run(with_rate(copied, 0.001))
    (line,) = [line for line in capsys.readouterr().err.split("\n") if "left alone" in line]
    assert line == (
        f"train: starts afresh; the checkpoint in {begun}, at update 5, was made with other params or data "
        "(settings.learning_rate: 0.002 → 0.001) and is left alone"
    )
    assert list(copied.work.checkpoints("train").iterdir()) == [begun]

    updates = list[int]()
    monkeypatch.setattr(loop, "update", counting(updates))
    train.run(with_rate(copied, 0.002))
    assert updates == [5, 6, 7, 8, 9]
    assert not copied.work.checkpoints("train").exists()


def counting(seen: list[int]) -> Any:
    update = loop.update

    def counted(state: TrainingState, *rest: Any) -> None:
        seen.append(state.progress.update)
        update(state, *rest)

    return counted

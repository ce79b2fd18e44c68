"""``seqline stage train`` in two processes: the same curve as in one, and the same bits after it was killed."""

import csv
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML
from tiny_project import wait_for

from seqline.files import content_hash
from seqline.stages.job import Job
from seqline.workspace import Workspace

STAGE = [sys.executable, "-m", "seqline", "stage", "train"]


def configured(job: Job, processes: int, **optimisation: Any) -> Workspace:
    """A project about to train its teacher."""
    train = job.params.train
    settings = train.optimisation.model_copy(update=optimisation)
    params = job.params.model_copy(
        update={
            "project": job.params.project.model_copy(update={"processes": processes}),
            "train": train.model_copy(update={"optimisation": settings}),
        }
    )
    with job.work.params.open("wb") as stream:
        YAML(typ="safe", pure=True).dump(params.model_dump(mode="json"), stream)
    forget(job.work)
    return job.work


def forget(work: Workspace) -> None:
    for folder in (work.model("teacher"), work.checkpoints("train")):
        shutil.rmtree(folder, ignore_errors=True)


def start(work: Workspace, command: list[str] = STAGE) -> "subprocess.Popen[bytes]":
    with (work.root / "printed").open("wb") as printed, (work.root / "errors").open("wb") as errors:
        return subprocess.Popen(command, cwd=work.root, stdout=printed, stderr=errors)


def finished(work: Workspace, process: "subprocess.Popen[bytes]") -> str:
    """What it printed."""
    assert process.wait(timeout=120) == 0, (work.root / "errors").read_text(encoding="utf-8")[-2000:]
    return (work.root / "printed").read_text(encoding="utf-8")


def curve(work: Workspace) -> list[float]:
    with (work.model("teacher") / "curve.csv").open(newline="", encoding="utf-8") as stream:
        return [float(row["loss"]) for row in csv.DictReader(stream)]


def test_two_processes_learn_what_one_learns_with_twice_the_accumulation(copied: Job) -> None:
    changes = {"max_updates": 20, "validate_every": 5, "warmup_updates": 5, "batch_tokens": 200}
    finished(copied.work, start(configured(copied, 1, accumulate=4, **changes)))
    losses = curve(copied.work)
    printed = finished(copied.work, start(configured(copied, 2, accumulate=2, **changes)))
    assert curve(copied.work) == pytest.approx(losses, rel=1e-5)
    assert printed.count("train: teacher of") == 1, "one of them tells, once"


def test_a_number_of_processes_that_the_params_do_not_say_is_refused(copied: Job) -> None:
    work = configured(copied, 3)
    environment = {**os.environ, "WORLD_SIZE": "1", "RANK": "0"}
    done = subprocess.run(STAGE, cwd=work.root, env=environment, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == b"seqline: project.processes is 3, and 1 were started; make them equal\n"


@pytest.mark.slow
def test_two_processes_killed_again_and_again_end_with_the_same_weights(copied: Job) -> None:
    changes = {"max_updates": 120, "validate_every": 6, "subword_sampling": 0.3, "word_dropout": 0.1}
    work = configured(copied, 2, **changes)
    finished(work, start(work))
    undisturbed = content_hash(work.model("teacher"))
    forget(work)
    for _ in range(2):
        before, process = checkpoint(work), start(work)
        wait_for(lambda before=before: checkpoint(work) > before)  # type: ignore[misc]
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.send_signal(signal.SIGKILL)
        assert process.wait(timeout=10) == -signal.SIGKILL, "it was done before it could be killed"
    finished(work, start(work))
    assert content_hash(work.model("teacher")) == undisturbed


@pytest.mark.slow
def test_torchrun_runs_the_same_stage_and_restarts_it_when_a_process_dies(copied: Job) -> None:
    changes = {"max_updates": 120, "validate_every": 6, "word_dropout": 0.1}
    work = configured(copied, 2, **changes)
    finished(work, start(work))
    undisturbed = content_hash(work.model("teacher"))
    forget(work)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--max-restarts=1"]
    process = start(work, [*torchrun, "-m", "seqline", "stage", "train"])
    wait_for(lambda: checkpoint(work) > 1)
    members = [one for one in psutil.Process(process.pid).children() if "stage" in one.cmdline()]
    assert len(members) == 2
    members[1].kill()
    finished(work, process)
    assert content_hash(work.model("teacher")) == undisturbed


def checkpoint(work: Workspace) -> int:
    """How many checkpoints have been written, by the update of the last one."""
    updates = [0]
    for path in work.checkpoints("train").rglob("state.json"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        updates += [
            int(line.split(":")[1].strip(" ,")) for line in text.split("\n") if line.startswith('    "update":')
        ]
    return updates[-1]


@pytest.fixture(autouse=True)
def _own_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "src"))

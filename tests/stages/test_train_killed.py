"""``seqline stage train``, killed with SIGKILL again and again, ends with the weights of a run nobody disturbed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tiny_project import wait_for

from seqline.files import content_hash
from seqline.params import Params
from seqline.stages.job import Job
from seqline.workspace import Workspace

KILLS = 3


@pytest.fixture
def ready(copied: Job) -> Workspace:
    """A project about to train its teacher, with dropout, subword sampling and a checkpoint every few updates."""
    train = copied.params.train
    model = train.model.model_copy(update={"dropout": 0.2})
    schedule = {"max_updates": 160, "validate_every": 8, "subword_sampling": 0.3}
    params = copied.params.model_copy(
        update={
            "train": train.model_copy(
                update={"model": model, "optimisation": train.optimisation.model_copy(update=schedule)}
            )
        }
    )
    _write(params, copied.work.params)
    _forget(copied.work)
    return copied.work


def test_a_training_killed_again_and_again_ends_with_the_same_weights(ready: Workspace) -> None:
    draw = random.Random(1)
    assert _start(ready).wait(timeout=120) == 0
    undisturbed = content_hash(ready.model("teacher"))
    _forget(ready)
    for _ in range(KILLS):
        process, before = _start(ready), _checkpoint(ready)
        wait_for(lambda before=before: _checkpoint(ready) != before)  # type: ignore[misc]
        time.sleep(draw.uniform(0.0, 0.3))
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(timeout=10) == -signal.SIGKILL, "it was done before it could be killed"
    assert _start(ready).wait(timeout=120) == 0
    assert content_hash(ready.model("teacher")) == undisturbed
    assert _checkpoint(ready) == 0, "a finished training leaves no checkpoint"


def _start(work: Workspace) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "seqline", "stage", "train"]
    return subprocess.Popen(command, cwd=work.root, stderr=subprocess.DEVNULL, start_new_session=True)


def _checkpoint(work: Workspace) -> int:
    """When a checkpoint was last written, in nanoseconds; 0 where there is none."""
    return max((path.stat().st_mtime_ns for path in work.checkpoints("train").rglob("*.json")), default=0)


def _forget(work: Workspace) -> None:
    for folder in (work.model("teacher"), work.checkpoints("train")):
        shutil.rmtree(folder, ignore_errors=True)


def _write(params: Params, path: Path) -> None:
    with path.open("wb") as stream:
        YAML(typ="safe", pure=True).dump(params.model_dump(mode="json"), stream)

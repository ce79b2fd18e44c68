"""A run that was stopped while its project was taken by another wakes up and may change nothing that counts."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import retrain_project
import tiny_project

from seqline.adapters import dvc_graph, fencing, locks
from seqline.adapters.runner import Runner
from seqline.errors import BusyError

# Promotes under the run lock; says where it is, and stops there until it is told to go on.
PROMOTER = """\
import os, pathlib, signal, sys
from seqline import params, promotion
from seqline.adapters import locks
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.errors import SeqlineError
from seqline.workspace import Workspace
work, stop_at = Workspace(pathlib.Path.cwd()), sys.argv[1]
class Stopping(MlflowRegistry):
    def set_alias(self, name, alias, number):
        if stop_at == "crowning" and alias == "champion":
            stop()
        super().set_alias(name, alias, number)
def stop():
    (work.root / "stopped").write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
def judging(*arguments, decide=promotion.decide, **how):
    decision = decide(*arguments, **how)
    if stop_at == "judged":
        stop()
    return decision
promotion.decide = judging
try:
    with locks.run_lock(work.state) as lease:
        print(promotion.promote(work, params.load(work.params), Stopping(work.root), lease).action)
except SeqlineError as error:
    print(error)
"""


KILLED = """\
import os, pathlib, sys
from seqline.adapters import locks
with locks.run_lock(pathlib.Path(sys.argv[1])):
    os._exit(9)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two registered versions, the first of them champion."""
    root = retrain_project.make(tmp_path_factory.mktemp("made") / "project")
    for name in ("v1", "v2"):
        retrain_project.take(root, name)
        retrain_project.dvc(root, "repro", "--quiet")
        if name == "v1":
            _run(root, "never")
    return root


@pytest.fixture
def root(made: Path) -> Path:
    for name in ("run.lock", "fence.json", "fence.lock"):
        (made / ".seqline" / name).unlink(missing_ok=True)
    registry = retrain_project.MlflowRegistry(made)
    registry.set_alias(retrain_project.NAME, "champion", 1)
    registry.remove_alias(retrain_project.NAME, "previous")
    registry.set_alias(retrain_project.NAME, "challenger", 2)
    registry.tag(retrain_project.NAME, 2, {"gate.decision": ""})
    (made / "stopped").unlink(missing_ok=True)
    return made


def _start(root: Path, stop_at: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROMOTER, stop_at], cwd=root, env=retrain_project.env(root), text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip


def _run(root: Path, stop_at: str) -> str:
    with _start(root, stop_at) as process:
        return process.communicate(timeout=120)[0].strip()


@contextmanager
def _stopped(root: Path, at: str) -> Iterator["subprocess.Popen[str]"]:
    with _start(root, at) as process:
        try:
            tiny_project.wait_for(lambda: (root / "stopped").exists() and _is_stopped(process.pid))
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.communicate(timeout=120)


def _is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def _woken(process: "subprocess.Popen[str]") -> str:
    process.send_signal(signal.SIGCONT)
    return process.communicate(timeout=120)[0].strip()


def test_a_stopped_run_holds_its_project(root: Path) -> None:
    with _stopped(root, "judged") as process:
        with pytest.raises(BusyError, match=f"process {process.pid}"):
            locks.ensure_free(root / ".seqline")
        assert _woken(process) == "promoted"
    assert retrain_project.aliases(root) == {"champion": 2, "previous": 1}


@pytest.mark.parametrize("sweep", ["run.lock", "everything"])
def test_a_run_that_lost_its_lock_while_it_was_stopped_cannot_promote(root: Path, sweep: str) -> None:
    with _stopped(root, "judged") as process:
        if sweep == "everything":
            shutil.rmtree(root / ".seqline")
        else:
            (root / ".seqline" / "run.lock").unlink()
        with locks.run_lock(root / ".seqline") as later:
            said = _woken(process)
    assert "lost the project to a later one" in said
    assert f"run {later.token}, process {os.getpid()}" in said
    assert retrain_project.aliases(root) == {"champion": 1, "challenger": 2}
    assert retrain_project.versions(root)[1].tags.get("gate.decision") != "promoted"
    assert _run(root, "never") == "promoted"  # who holds it now may


def test_nobody_overtakes_a_run_that_was_stopped_between_the_check_and_the_alias(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fencing, "_WAIT_S", 0.5)
    with _stopped(root, "crowning") as process:
        (root / ".seqline" / "run.lock").unlink()
        busy = f"another run (process {process.pid}) is promoting here"
        with pytest.raises(BusyError) as caught, locks.run_lock(root / ".seqline"):
            pass
        assert busy in str(caught.value)
        assert _woken(process) == "promoted"
    assert retrain_project.aliases(root)["champion"] == 2


def test_the_number_grows_with_every_run_also_after_a_kill(tmp_path: Path) -> None:
    numbers = []
    for _ in range(3):
        with locks.run_lock(tmp_path) as lease:
            numbers.append(lease.token)
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert numbers == [1, 3, 5]


def test_a_damaged_record_means_that_nobody_holds_the_project(tmp_path: Path) -> None:
    with locks.run_lock(tmp_path) as lease:
        lease.check()
        (tmp_path / "fence.json").write_text('{"token": 1')
        with pytest.raises(BusyError, match="nobody: its record is gone"):
            lease.check()
    with locks.run_lock(tmp_path) as after:
        after.check()
        assert json.loads((tmp_path / "fence.json").read_text())["key"] == after.key


def test_a_run_that_lost_its_project_starts_no_further_stage(tmp_path: Path) -> None:
    root = tiny_project.make(tmp_path / "project")
    with locks.run_lock(root / ".seqline") as lease:
        fencing.raised(root / ".seqline", 0)
        with pytest.raises(BusyError, match="it may go no further"):
            Runner(root, check=lease.check).run(dvc_graph.load(root).stages["a"], lambda line: None)
    assert not (root / "a.txt").exists()

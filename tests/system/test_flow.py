"""The flow as a person runs it: real DVC, real Prefect, a tiny graph, its own process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import prefect_stack
import pytest
import tiny_project

from seqline.adapters import environment, locks, processes

FLOW = [sys.executable, "-m", "flows", "pipeline"]
# Several runs in one process: the temporary API is started once.
SEVERAL = """\
import json, pathlib, sys
from seqline.adapters.launch import launch
from seqline.errors import SeqlineError
root = pathlib.Path.cwd()
def run(*stages):
    try:
        rows = launch(root, "pipeline", stages=list(stages))
        print(json.dumps([[row.stage, row.did, row.why] for row in rows]), flush=True)
    except SeqlineError as error:
        print(json.dumps([error.exit_code, str(error)]), flush=True)
def edit(name, old, new):
    path = root / name
    path.write_text(path.read_text().replace(old, new))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project.make(tmp_path / "project")


@pytest.fixture(scope="module", autouse=True)
def _one_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Prefect database for all: making one takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            patch.delenv(name)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        yield


def _environment(root: Path, **more: str) -> dict[str, str]:
    return {**environment.settings(root), **os.environ, **more}


def _several(root: Path, program: str, **more: str) -> tuple[list[Any], str]:
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL + program], cwd=root, env=_environment(root, **more), capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.strip().split("\n")], done.stderr


def test_runs_rest_restore_and_failures_each_look_as_they_should(root: Path) -> None:
    shown, log = _several(
        root,
        "run('b@u'); run(); run()\n"
        "edit('tiny.yaml', 'one: 1', 'one: 2'); run()\n"
        "edit('tiny.yaml', 'y: 1', 'y: 2'); edit('dvc.yaml', 'sleep 0;', 'test ${item} = u || exit 2;'); run()\n",
    )
    target, rest, nothing, early_cut, failure = shown
    assert target == [["a", "ran", "it has never run"], ["b@u", "ran", "it has never run"]]
    assert [row[:2] for row in rest] == [["a", "unchanged"], ["b@u", "unchanged"], ["b@v", "ran"], ["c", "ran"]]
    assert [row[1] for row in nothing] == ["unchanged"] * 4
    assert early_cut == [
        ["a", "ran", "x.one changed in tiny.yaml"],
        ["b@u", "unchanged", "follows a"],
        ["b@v", "unchanged", "follows a"],
        ["c", "unchanged", ""],
    ]
    exit_code, message = failure
    assert exit_code == 2
    assert message.startswith("b@v: ")
    assert "c    not run" in log  # the table is shown all the same
    assert "Traceback" not in log
    assert (root / "c.txt").read_text() == "hello\nu\nhello\nv\n"


def test_ctrl_c_leaves_nothing_torn_and_no_process(root: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--quiet"], cwd=root, check=True, env=environment.for_stage(root)
    )
    tiny_project.edit(root / "dvc.yaml", "sleep 0;", "echo torn > b.${item}.txt; echo $$ > pid.${item}; sleep 64;")
    with subprocess.Popen(
        FLOW, cwd=root, env=_environment(root), stderr=subprocess.PIPE, start_new_session=True
    ) as flow:
        tiny_project.wait_for(lambda: len(_pids(root)) == min(2, len(os.sched_getaffinity(0))))  # side by side
        os.killpg(flow.pid, signal.SIGINT)  # as a terminal does
        flow.communicate(timeout=60)
    assert flow.returncode == 130
    assert [pid for pid in _pids(root) if processes.born_s(pid)] == []
    assert [(root / f"b.{item}.txt").read_text() for item in "uv"] == ["hello\nu\n", "hello\nv\n"]
    assert locks.heal(root) == []
    locks.ensure_free(root / ".seqline")


def test_native_threads_of_the_temporary_api_cannot_change_the_exit_code(root: Path) -> None:
    """They abort a process whose interpreter is taken down under them: so it must not be, and no word may be lost."""
    program = (
        "import os\n"
        "from pathlib import Path\n"
        "from seqline.adapters import environment, prefect_server\n"
        "class Witness:\n"
        "    def __del__(self, write=os.write): write(2, b'taken down')\n"
        "witness = Witness()\n"
        "environment.apply(Path.cwd())\n"
        "assert prefect_server.ensure()\n"
        "print('said')\n"
        "prefect_server.leave(130)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=_environment(root), capture_output=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"said\n", b"")


@pytest.mark.slow
def test_a_killed_flow_is_marked_as_crashed_and_the_next_one_goes_on(root: Path) -> None:
    tiny_project.edit(root / "dvc.yaml", "sleep 0;", "echo $$ > pid.${item}; sleep 65;")
    with subprocess.Popen(FLOW, cwd=root, env=_environment(root), stderr=subprocess.DEVNULL) as flow:
        tiny_project.wait_for(lambda: _pids(root))
        flow.kill()
    tiny_project.edit(root / "dvc.yaml", "sleep 65;", "")
    done = subprocess.run(FLOW, cwd=root, env=_environment(root), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 flow run(s) killed earlier: marked as crashed" in done.stderr
    assert [pid for pid in _pids(root)[:2] if processes.born_s(pid)] == []


@pytest.mark.slow
def test_with_a_server_the_schedule_fires_and_the_flow_is_the_same(root: Path) -> None:
    schedule = (tiny_project.ROOT / "prefect.yaml").read_text(encoding="utf-8")
    assert schedule.count('cron: "0 3 * * *"') == 1
    schedule = schedule.replace('cron: "0 3 * * *"', 'cron: "* * * * *"')
    # The tiny project has nothing to promote: the same schedule, on the pipeline.
    schedule = schedule.replace("flows/retrain.py:retrain", "flows/pipeline.py:pipeline")
    (root / "prefect.yaml").write_text(schedule, encoding="utf-8")
    with prefect_stack.server(root) as env:
        rows, _ = _several(root, "run()", **env)
        assert [row[1] for row in rows[0]] == ["ran"] * 4
        prefect_stack.run(root, env, "--no-prompt", "work-pool", "create", "seqline", "--type", "process")
        prefect_stack.run(root, env, "--no-prompt", "deploy", "--all")
        tiny_project.edit(root / "in.txt", "hello", "fired")
        with prefect_stack.background(root, env, "worker", "start", "--pool", "seqline"):
            tiny_project.wait_for(lambda: "fired" in _text(root / "c.txt"), timeout_s=150)


def _pids(root: Path) -> list[int]:
    return [int(path.read_text()) for path in root.glob("pid.*") if path.read_text().strip()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:  # DVC removes an output before it is made again
        return ""

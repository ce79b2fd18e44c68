"""What a stage's end may look like: failure, bad input, time-out, an interrupt, a kill; and what is healed after it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import tiny_project

from seqline.adapters import dvc_graph, leash, locks, processes
from seqline.adapters.runner import Outcome, Runner
from seqline.errors import BusyError, InputError, StageError
from seqline.workspace import Workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project.make(tmp_path / "project")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tiny_project.make(tmp_path_factory.mktemp("ran") / "project")
    _run(root, "a")
    return root


@pytest.fixture
def again(ran: Path, tmp_path: Path) -> Path:
    """Stage ``a`` has run."""
    return shutil.copytree(ran, tmp_path / "again")


def _run(root: Path, name: str, **how: bool) -> Outcome:
    return Runner(root).run(dvc_graph.load(root).stages[name], lambda line: None, **how)


def _change_a(root: Path, command: str) -> None:
    tiny_project.edit(root / "dvc.yaml", "echo reading; cat in.txt > a.txt", command)


def test_a_stage_runs_then_is_unchanged_then_is_restored(root: Path) -> None:
    assert _run(root, "a").did == "ran"
    assert _run(root, "a").did == "unchanged"
    assert _run(root, "a", force=True).did == "ran"
    tiny_project.edit(root / "tiny.yaml", "one: 1", "one: 2")
    assert _run(root, "a").did == "ran"
    tiny_project.edit(root / "tiny.yaml", "one: 2", "one: 1")
    assert _run(root, "a").did == "restored"


def test_lines_of_the_stage_arrive_without_those_of_dvc(root: Path) -> None:
    lines: list[str] = []
    Runner(root).run(dvc_graph.load(root).stages["a"], lines.append)
    assert lines == ["reading"]


def test_bad_input_keeps_its_exit_code_its_words_and_the_earlier_output(again: Path) -> None:
    root = again
    _change_a(root, "'echo torn > a.txt; echo seqline: in.txt line 3 is not UTF-8 >&2; exit 2'")
    with pytest.raises(InputError, match=r"^a: in\.txt line 3 is not UTF-8$"):
        _run(root, "a")
    assert (root / "a.txt").read_text() == "hello\n"


def test_a_failure_is_told_by_its_last_line(root: Path) -> None:
    _change_a(root, "'echo one >&2; echo two >&2; exit 1'")
    with pytest.raises(StageError, match=r"^a: two$"):
        _run(root, "a")
    assert not (root / "a.txt").exists()


def test_a_stage_that_takes_too_long_is_ended_with_all_it_started(root: Path) -> None:
    _change_a(root, "'echo $$ > pid; exec sleep 61'")
    tiny_project.edit(root / "dvc.yaml", "timeout_s: 60", "timeout_s: 1.5")
    begin = time.monotonic()
    with pytest.raises(StageError, match=r"given up after 1\.5 s"):
        _run(root, "a")
    assert time.monotonic() - begin < 15
    assert [pid for pid in _pids(root) if processes.born_s(pid)] == []


def test_a_stage_that_ignores_an_interrupt_is_terminated(root: Path, tmp_path: Path) -> None:
    script = tmp_path / "stubborn.py"
    script.write_text(
        "import os, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"open({str(root / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )
    process = leash.start([sys.executable, str(script)], cwd=root, env=os.environ)
    with process:
        tiny_project.wait_for(lambda: _pids(root))
        leash.end(process)
    assert process.returncode == 128 + signal.SIGTERM
    assert processes.born_s(_pids(root)[0]) is None


def test_ending_the_runner_stops_the_stage_and_puts_its_output_back(again: Path) -> None:
    root = again
    _change_a(root, "'echo torn > a.txt; echo $$ > pid; sleep 62; echo done'")
    stage, runner, errors = dvc_graph.load(root).stages["a"], Runner(root), []

    def work() -> None:
        try:
            runner.run(stage, lambda line: None)
        except StageError as error:
            errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    tiny_project.wait_for(lambda: _pids(root))
    runner.end()
    thread.join(30)
    assert errors == ["a: stopped; its earlier output is as it was"]
    assert (root / "a.txt").read_text() == "hello\n"
    assert processes.born_s(_pids(root)[0]) is None
    with pytest.raises(StageError, match="the run was stopped"):
        runner.run(stage, lambda line: None)


def test_a_killed_parent_leaves_no_process_and_no_lock(root: Path) -> None:
    _change_a(root, "'echo $$ > pid; sleep 63; echo done'")
    program = (
        "from pathlib import Path\n"
        "from seqline.adapters import dvc_graph, locks\n"
        "from seqline.adapters.runner import Runner\n"
        "root = Path.cwd()\n"
        "with locks.run_lock(root / '.seqline') as lock:\n"
        "    Runner(root, keep=(lock.descriptor,)).run(dvc_graph.load(root).stages['a'], print)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=root)
    tiny_project.wait_for(lambda: _pids(root))
    with pytest.raises(BusyError, match=f"process {parent.pid}"):
        locks.ensure_free(root / ".seqline")
    parent.kill()
    parent.wait()
    with locks.run_lock(root / ".seqline"):  # waits until what the parent had started is gone
        assert processes.born_s(_pids(root)[0]) is None
    locks.ensure_free(root / ".seqline")
    tiny_project.edit(root / "dvc.yaml", "sleep 63; echo done", "cat in.txt > a.txt")
    locks.heal(root)
    assert _run(root, "a").did == "ran"


def test_two_runs_in_one_process_are_two_runs(tmp_path: Path) -> None:
    with locks.run_lock(tmp_path), pytest.raises(BusyError, match=str(os.getpid())), locks.run_lock(tmp_path):
        pass
    with locks.run_lock(tmp_path):
        pass


def test_a_torn_rwlock_is_removed(again: Path) -> None:
    root = again
    rwlock = root / ".dvc" / "tmp" / "rwlock"
    rwlock.write_text('{"write": {"/x": {"pid"', encoding="utf-8")
    assert locks.heal(root) == ["DVC's rwlock was torn by a killed run: removed"]
    assert _run(root, "b@u").did == "ran"


def test_claims_of_dead_processes_are_removed_and_others_kept(again: Path) -> None:
    root = again
    with subprocess.Popen(["true"]) as dead:
        pass
    rwlock = root / ".dvc" / "tmp" / "rwlock"
    mine, gone = {"pid": os.getpid(), "cmd": "me"}, {"pid": dead.pid, "cmd": "dvc repro"}
    rwlock.write_text(json.dumps({"write": {"/x": gone, "/y": mine}, "read": {"/z": [gone]}}), encoding="utf-8")
    assert locks.heal(root) == ["DVC's rwlock held claims of dead processes: removed"]
    assert json.loads(rwlock.read_text()) == {"write": {"/y": mine}, "read": {}}
    assert locks.heal(root) == []


@pytest.mark.parametrize("keep_share", [0.0, 0.55, 0.97])
def test_a_torn_dvc_lock_costs_no_work(again: Path, keep_share: float) -> None:
    root = again
    lock = root / "dvc.lock"
    whole = lock.read_bytes()
    lock.write_bytes(whole[: int(len(whole) * keep_share)])
    locks.heal(root)
    assert _run(root, "a").did in ("restored", "unchanged")
    assert "a" not in dvc_graph.stale(root)


def test_nothing_to_heal_is_nothing_to_say(root: Path) -> None:
    assert locks.heal(root) == []
    _run(root, "a")
    assert locks.heal(root) == []
    assert Workspace(root).state.name == ".seqline"


def _pids(root: Path) -> list[int]:
    path = root / "pid"
    return [int(line) for line in path.read_text().split()] if path.exists() else []

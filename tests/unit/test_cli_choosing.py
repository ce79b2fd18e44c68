import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seqline import files
from seqline.adapters import dvc_experiments
from seqline.cli import main
from seqline.workspace import Workspace


@pytest.fixture(autouse=True)
def project(
    tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace], monkeypatch: pytest.MonkeyPatch
) -> Workspace:
    """Evaluated models; the pruned and quantised one is the smallest."""
    work = make_project(tmp_path, tiny_bundle)
    path = work.reports / "evaluate" / "pruned-quantized.json"
    files.write_json(path, json.loads(path.read_text()) | {"size_mb": 0.4, "bleu": 99.0})
    monkeypatch.chdir(tmp_path)
    return work


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["select", *arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_the_table_shows_every_candidate_and_the_choice(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 6 + 1
    assert [line.split()[0] for line in lines if "ship this" in line] == ["pruned-quantized"]
    assert lines[-1].startswith("pruned-quantized: the smallest of 3")


def test_other_budgets_choose_otherwise_and_nothing_is_written(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project.reports / "select.json").read_bytes()
    assert run("--prefer", "score", "--json") == 0
    assert json.loads(capsys.readouterr().out)["selected"] == "teacher-quantized"
    assert (project.reports / "select.json").read_bytes() == before


def test_an_impossible_budget_shows_the_table_and_fails_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--max-mb", "0.1") == 1
    shown = capsys.readouterr()
    assert "pruned-quantized" in shown.out
    assert shown.err == (
        "seqline: select: no candidate keeps within the budgets; nearest is pruned-quantized: "
        "0.4 MB, select.max_mb allows 0.1\n"
    )


def test_models_of_experiments_stand_beside_the_projects_own(
    project: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = json.loads((project.reports / "evaluate" / "pruned-quantized.json").read_text())
    smaller = own | {"content_hash": "other", "size_mb": 0.2, "bleu": 98.5, "model": "student-quantized"}
    found = {"one": [own, smaller], "two": [smaller, smaller | {"content_hash": "third", "is_deployable": False}]}
    monkeypatch.setattr(dvc_experiments, "metrics", lambda root, folder: found)
    found["other data"] = [smaller | {"content_hash": "fourth", "test_hash": "other"}]
    assert run("--experiments") == 0
    shown = capsys.readouterr()
    assert "other data: other test pairs than here" in shown.err
    lines = shown.out.splitlines()
    assert [line.split()[0] for line in lines[1:-1] if "/" in line.split()[0]] == ["one/student-quantized"]
    assert lines[-1].startswith("one/student-quantized: the smallest of 4")

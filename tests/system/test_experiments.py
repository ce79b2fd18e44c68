"""``dvc exp run`` and then ``seqline select --experiments``, on a graph whose stages are like the real one's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seqline.adapters import dvc_experiments, environment

ROOT = Path(__file__).parents[2]
DVC_YAML = """\
stages:
  evaluate:
    foreach: [student, pruned]
    do:
      cmd: python evaluate.py ${item}
      params:
        - tiny.yaml: [mb]
      metrics: ["reports/evaluate/${item}.json"]
  select:
    cmd: python choose.py
    deps: [reports/evaluate]
    metrics: [reports/select.json]
"""
EVALUATE = """\
import json, pathlib, sys
size = int(pathlib.Path("tiny.yaml").read_text().split(": ")[1])
folder = pathlib.Path("reports/evaluate")
folder.mkdir(parents=True, exist_ok=True)
report = {"model": sys.argv[1], "size_mb": size, "is_deployable": True, "samples": [1]}
(folder / f"{sys.argv[1]}.json").write_text(json.dumps(report))
"""
CHOOSE = """\
import json, pathlib, sys
size = json.loads(pathlib.Path("reports/evaluate/student.json").read_text())["size_mb"]
if size > 2:
    sys.exit("no candidate keeps within the budgets")
pathlib.Path("reports/select.json").write_text("{}")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / ".dvc", tmp_path / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache", "config.local"))
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "evaluate.py").write_text(EVALUATE)
    (tmp_path / "choose.py").write_text(CHOOSE)
    (tmp_path / "tiny.yaml").write_text("mb: 4\n")
    run(tmp_path, "git", "init", "--quiet", ".")
    run(tmp_path, "git", "add", "-A")
    run(tmp_path, "git", "commit", "--quiet", "-m", "a project")
    return tmp_path


def run(root: Path, *command: str) -> None:
    identity = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**environment.for_stage(root), **identity, "PATH": path}
    subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)


def test_every_experiment_tells_what_its_models_came_to(root: Path) -> None:
    assert dvc_experiments.metrics(root, "reports/evaluate") == {}
    for name, size in (("small", 2), ("tiny", 1)):
        run(root, sys.executable, "-m", "dvc", "exp", "run", "--quiet", "-n", name, "-S", f"tiny.yaml:mb={size}")
    found = dvc_experiments.metrics(root, "reports/evaluate")
    assert {name: [report["size_mb"] for report in reports] for name, reports in found.items()} == {
        "small": [2, 2], "tiny": [1, 1],
    }  # fmt: skip
    assert found["tiny"][0]["is_deployable"] is True
    assert dvc_experiments.metrics(root, "reports/other") == {"small": [], "tiny": []}


@pytest.mark.slow
def test_a_sweep_up_to_evaluate_keeps_what_no_budget_allows(root: Path) -> None:
    """As docs/compression.md has it. Without the target such an experiment would fail in `select`, and be lost."""
    dvc = (sys.executable, "-m", "dvc", "exp", "run")
    run(root, *dvc, "--queue", "-S", "tiny.yaml:mb=1,3", "evaluate")
    run(root, *dvc, "--run-all")
    found = dvc_experiments.metrics(root, "reports/evaluate")
    assert sorted(report["size_mb"] for reports in found.values() for report in reports) == [1, 1, 3, 3]
    assert not (root / "reports/select.json").exists()
    run(root, *dvc, "--queue", "-S", "tiny.yaml:mb=4")
    run(root, *dvc, "--run-all")
    assert len(dvc_experiments.metrics(root, "reports/evaluate")) == 2

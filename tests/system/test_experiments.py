"""``dvc exp run`` and then ``seqline select --experiments``, on a graph whose one stage writes an evaluation."""

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
    cmd: python evaluate.py
    params:
      - tiny.yaml: [mb]
    metrics: [reports/evaluate/student.json]
"""
EVALUATE = """\
import json, pathlib
size = int(pathlib.Path("tiny.yaml").read_text().split(": ")[1])
folder = pathlib.Path("reports/evaluate")
folder.mkdir(parents=True, exist_ok=True)
report = {"model": "student", "size_mb": size, "is_deployable": True, "samples": [1]}
(folder / "student.json").write_text(json.dumps(report))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / ".dvc", tmp_path / ".dvc", ignore=shutil.ignore_patterns("tmp", "cache", "config.local"))
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "evaluate.py").write_text(EVALUATE)
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
        "small": [2], "tiny": [1],
    }  # fmt: skip
    assert found["tiny"][0]["is_deployable"] is True
    assert dvc_experiments.metrics(root, "reports/other") == {"small": [], "tiny": []}

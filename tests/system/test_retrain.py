"""Retraining as a team runs it: real DVC, Prefect and MLflow, bundles that need no training."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import retrain_project

# Several runs in one process: the temporary API is started once.
SEVERAL = """\
import json, pathlib
from seqline.adapters.launch import launch
from seqline.errors import SeqlineError
root = pathlib.Path.cwd()
def run(**how):
    try:
        said = [launch(root, "retrain", **how)]
    except SeqlineError as error:
        said = [error.exit_code, str(error)]
    print(json.dumps(said), flush=True)
def take(name):
    (root / "which.txt").write_text(name + "\\n")
"""


@pytest.fixture(scope="module", autouse=True)
def _one_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PREFECT_", "SEQLINE_", "MLFLOW_"))]:
            patch.delenv(name)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        yield


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return retrain_project.make(tmp_path / "project")


def _several(root: Path, program: str, **more: str) -> tuple[list[Any], str]:
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL + program], cwd=root, env=retrain_project.env(root, **more), capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.strip().split("\n")], done.stderr


def test_what_did_not_change_is_neither_run_nor_judged_and_what_changed_is(root: Path) -> None:
    retrain_project.take(root, "v2")
    retrain_project.take(root, "v1")
    shown, log = _several(
        root,
        "run(); run(); run(promote=True)\n"
        "take('v2'); run(promote=False); run()\n"
        "run(force=True, targets=['take']); run(profile='phrasebook'); run(profile='none'); run(targets=['x'])\n"
        "(root / 'params.yaml').write_text((root / 'params.yaml').read_text() + '# by hand\\n')\n"
        "run(profile='phrasebook')\n",
    )
    assert [said[0] for said in shown] == [
        "promoted", "unchanged", "unchanged", "made", "promoted", "made", "unchanged", 2, 2, 2,
    ]  # fmt: skip
    assert retrain_project.aliases(root) == {"champion": 2, "previous": 1}
    assert "changed: take: it has never run" in log
    assert "changed: take: which.txt changed" in log
    assert log.count("nothing changed; looked at 2 stages, 0 files of corpora here, 0 sources on the network") == 2
    assert log.count("version 1 is champion already; nothing to decide") == 1  # asked for; the other time nobody asked
    assert shown[7][1] == "'none': no such profile; choose one of phrasebook"
    assert shown[9][1].endswith("params.yaml: not the profile 'phrasebook'; switch with `seqline profile phrasebook`")
    assert "Traceback" not in log

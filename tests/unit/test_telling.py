"""The report of a retraining, as Prefect's pages show it."""

import re
import sys
from base64 import b64decode
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from seqline.evaluation.gate import Check, Decision
from seqline.files import read_json, write_json
from seqline.promotion import Outcome
from seqline.workspace import Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture
def flows(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setitem(sys.modules, "flows", import_module("flows"))
    return lambda name: import_module(f"flows.{name}")


@pytest.fixture
def work(tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]) -> Workspace:
    work = make_project(tmp_path, tiny_bundle)
    for path in (work.reports / "evaluate").glob("*.json"):
        write_json(path, {**read_json(path), "bleu_low": 99.0, "bleu_high": 100.0})
    return work


def test_it_shows_the_models_in_a_picture(work: Workspace, flows: Callable[[str], Any]) -> None:
    text = flows("telling").markdown(work, flows("retrain").Retraining("2 stages", []))
    (data,) = re.findall(r"!\[score, speed and size\]\(data:image/svg\+xml;base64,([^)]*)\)", text)
    picture = b64decode(data).decode()
    assert picture.startswith("<svg ")
    assert all(model in picture for model in ("teacher", "pruned-quantized"))


@pytest.mark.parametrize("server", ["http://mlflow.example.org:5000", ""])
def test_it_leads_to_the_run_and_to_the_version_where_mlflow_has_pages(
    server: str, work: Workspace, flows: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    decision = Decision(True, (Check("size", True, "small | enough"),), {})
    write_json(work.reports / "promote.json", {"model": "x-en-zh", "challenger": {"version": 3}})
    done = flows("retrain").Retraining("2 stages", ["which.txt"], outcome=Outcome("promoted", "x is", decision))
    text = flows("telling").markdown(work, done, "http://prefect/runs/1")
    assert "- [the flow run](http://prefect/runs/1)" in text
    assert ("- [version 3 in MLflow](http://mlflow.example.org:5000/#/models/x-en-zh/versions/3)" in text) == bool(
        server
    )
    assert "| size | passed | small \\| enough |" in text

"""``seqline bench decode``: what it times and says, and that it leaves the project as it is."""

import json
from pathlib import Path

import pytest
import yaml

from seqline.cli import main
from seqline.files import read_json
from seqline.stages import evaluate, select
from seqline.stages.job import Job

MODELS = ["teacher", "pruned", "pruned-quantized"]


@pytest.fixture
def project(copied: Job, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose models are evaluated, one of them selected, as the current folder."""
    changes = {"models": MODELS, "speed_pairs": 8, "latency_pairs": 4}
    rules = copied.params.model_copy(
        update={
            "evaluate": copied.params.evaluate.model_copy(update=changes),
            "select": copied.params.select.model_copy(update={"min_score_share": 0.0}),
        }
    )
    for item in MODELS:
        evaluate.run(Job(rules, copied.work, item))
    select.run(Job(rules, copied.work))
    copied.work.params.write_text(yaml.safe_dump(rules.model_dump(mode="json")))
    monkeypatch.chdir(copied.work.root)
    for variable in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
        monkeypatch.setenv(variable, "1")  # the verb sets them; monkeypatch takes that back
    return copied.work.root


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["bench", "decode", "--rounds", "1", *arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def _shipped(project: Path) -> str:
    return str(read_json(project / "reports" / "select.json")["selected"])


def test_it_shows_every_model_and_what_is_gained(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert _run("--threads", "1") == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown[1:4]] == MODELS
    assert shown[4].startswith(f"{_shipped(project)} (shipped) against teacher: ")
    assert shown[-1].startswith("one line, start of the process included: ")
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_its_document_adds_up(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--threads", "2", "--threads", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    models = {one["name"]: one for one in found["models"]}
    assert list(models) == MODELS
    ours, teacher, gains = models[_shipped(project)], models["teacher"], found["against"]["teacher"]
    assert gains["times_smaller"] == pytest.approx(teacher["size_mb"] / ours["size_mb"])
    assert gains["bleu_share"] == pytest.approx(ours["bleu"] / teacher["bleu"])
    for number in ("1", "2"):
        ratio = ours["threads"][number]["words_per_s"] / teacher["threads"][number]["words_per_s"]
        assert gains["times_faster"][number] == pytest.approx(ratio)
    assert found["cold_start"]["seconds"] * 1000 > ours["threads"]["1"]["p50_ms"]
    assert 20 < found["cold_start"]["peak_rss_mb"] < 1000


def test_a_model_that_is_not_the_one_that_was_evaluated_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = project / "reports" / "evaluate" / "teacher.json"
    report.write_text(json.dumps(json.loads(report.read_text()) | {"content_hash": "0" * 64}))
    assert _run() != 0
    assert "evaluate@teacher" in capsys.readouterr().err


def test_a_model_that_was_not_evaluated_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--model", "student") == 2
    assert "student has not been evaluated" in capsys.readouterr().err

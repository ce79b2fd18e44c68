"""``seqline bench train``: what it times and says, and that it leaves the project as it is."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from seqline.cli import main
from seqline.stages.job import Job


@pytest.fixture
def project(copied: Job, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose stages have run, as the current folder."""
    copied.work.params.write_text(yaml.safe_dump(copied.params.model_dump(mode="json")))
    monkeypatch.chdir(copied.work.root)
    for variable in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
        monkeypatch.setenv(variable, "1")  # the verb sets them; monkeypatch takes that back
    return copied.work.root


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_it_tells_speed_utilisation_and_how_long_the_stage_takes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert _run("bench", "train", "--model", "student", "--updates", "4") == 0
    shown = capsys.readouterr().out
    assert "utilisation" in shown
    assert "80 updates take about " in shown
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_its_document_adds_up(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("bench", "train", "--updates", "4", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["device"], found["threads"], found["updates"]) == ("cpu", 1, 4)
    assert found["pieces_per_s"] == pytest.approx(found["pieces"] / found["seconds"])
    assert found["estimate_s"] == pytest.approx(80 / 4 * found["seconds"])
    assert found["utilisation"] == pytest.approx(found["flops"] / found["seconds"] / found["peak_flops_per_s"])
    assert 0 < found["utilisation"] < 1


def test_without_a_tokenized_corpus_it_says_what_to_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(project / "data")
    assert _run("bench", "train") == 2
    assert "tokenize" in capsys.readouterr().err

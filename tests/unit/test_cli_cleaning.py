"""``seqline clean --preview`` and ``seqline suggest`` on downloaded pairs."""

import json
from pathlib import Path

import pytest
from raw_corpora import PARAMS, job

from seqline.cli import main
from seqline.stages import download

PHRASES = {
    "kind": "generated", "name": "phrasebook", "pairs": 1500, "dev_pairs": 20, "test_pairs": 20, "noise_share": 0.2,
    "seed": 1,
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of which the corpora are downloaded, as the current folder."""
    (tmp_path / "params.yaml").write_bytes(PARAMS.read_bytes())
    download.run(job(tmp_path, [PHRASES]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_the_preview_shows_what_each_rule_drops_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(project.rglob("*"))
    assert _run("clean", "--preview", "--samples", "2") == 0
    shown = capsys.readouterr().out
    assert "markup_agrees" in shown
    assert "||| " in shown
    assert "of 1,500 pairs would go; nothing was written" in shown
    assert sorted(project.rglob("*")) == before


def test_the_preview_as_json_counts_and_samples(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("clean", "--preview", "--json", "--pairs", "700", "--samples", "1") == 0
    document = json.loads(capsys.readouterr().out)
    assert 350 <= document["pairs"] <= 700
    for loss in document["losses"]:
        assert loss["share"] == pytest.approx(loss["pairs"] / document["pairs"])
        assert len(loss["samples"]) == 1


def test_suggested_bounds_cost_what_they_say(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("suggest", "--json") == 0
    found = {one["rule"]: one for one in json.loads(capsys.readouterr().out)}
    assert {"max_length", "max_length_ratio", "min_script_share"} <= set(found)
    assert "foreign_language" not in found, "it has no threshold to tune"
    ratio = found["max_length_ratio"]
    assert ratio["bounds"] == sorted(ratio["bounds"], reverse=True), "a bound that costs more is tighter"
    # The bound that costs 2 % by itself does so when it is used.
    text = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(
        text.replace("max_length_ratio: 2.5", f"max_length_ratio: {ratio['bounds'][-1]}")
    )
    assert _run("suggest", "--json") == 0
    again = {one["rule"]: one for one in json.loads(capsys.readouterr().out)}["max_length_ratio"]
    assert again["lost"] == pytest.approx(0.02, abs=0.005)


def test_before_the_download_the_way_out_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "data" / "raw" / "manifest.json").unlink()
    assert _run("suggest") == 2
    assert "run the stage that makes it" in capsys.readouterr().err

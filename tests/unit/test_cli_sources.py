"""``seqline sources`` against a server of this machine."""

import json
from pathlib import Path
from typing import Any

import pytest
from raw_corpora import job
from web import POLICY, File, Status, Web

from seqline.cli import main
from seqline.stages import download
from seqline.stages.job import Job


@pytest.fixture
def project(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a corpus from the server, one of whose sides is followed, as the current folder."""
    sides = {"source": web.give("/web.en", b"four\nfive\n"), "target": web.give("/web.zh", "四\n五\n".encode())}
    corpora: list[dict[str, Any]] = [
        {"kind": "url", "name": "web", "split": "train", **sides},
        {"kind": "url", "name": "fresh", "split": "train", "table": web.give("/t", b"six\t6\n"), "follow": True},
    ]
    task = job(tmp_path, corpora)
    block = task.params.download.model_copy(update={"network": POLICY})
    params = task.params.model_copy(update={"download": block})
    (tmp_path / "params.yaml").write_text(params.model_dump_json(), encoding="utf-8")
    download.run(Job(params, task.work))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(web: Web, capsys: pytest.CaptureFixture[str]) -> tuple[list[str], list[str]]:
    """What is said, without asking for any body."""
    before = len(web.asked)
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(["sources", "--json"])
    assert caught.value.code == 0
    assert [question.split()[0] for question in web.asked[before:]] == ["HEAD"] * 3
    said = json.loads(capsys.readouterr().out)
    return said["changed"], said["told"]


def test_unchanged_sources_cost_one_question_each(project: Path, web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(web, capsys) == ([], [])


def test_changed_ill_and_silent_servers_are_told_apart(
    project: Path, web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    web.give("/t", File(b"six\t66\n", etag='"2"'))
    web.give("/web.en", File(b"four\nFIVE\n", etag='"2"'))
    web.give("/web.zh", Status(503))
    changed, told = asked(web, capsys)
    assert changed == [f"{web.url('/t')} changed"]
    assert [sentence.partition(": ")[0] for sentence in told] == [
        web.url("/web.en"), "whether it changed, nobody could say",
    ]  # fmt: skip


def test_a_changed_source_is_marked_for_people(project: Path, web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    web.give("/t", File(b"six\t66\n", etag='"2"'))
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["sources"])
    assert capsys.readouterr().out == f"* {web.url('/t')} changed\n"

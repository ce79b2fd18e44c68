"""The registry's verbs on one small project, in the order in which a person would use them."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from seqline.adapters import locks
from seqline.cli import main
from seqline.workspace import Workspace

MakeProject = Callable[[Path, Path], Workspace]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a verb; its exit code, what it printed and what it told on stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        out, err = capsys.readouterr()
        return int(str(caught.value.code)), out, err

    return run


def test_from_nothing_registered_to_a_champion_that_translates(
    tmp_path: Path,
    tiny_bundle: Path,
    make_project: MakeProject,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[..., tuple[int, str, str]],
) -> None:
    settings = make_project(tmp_path, tiny_bundle).params
    for key, value in {"min_test_pairs": "20", "resamples": "100", "speed_pairs": "8"}.items():
        settings.write_text(re.sub(rf"{key}: \d+", f"{key}: {value}", settings.read_text()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for verb in ("models", "promote", "rollback", "translate", "trace", "card"):
        code, out, err = say(verb)
        assert (code, out, err.count("\n")) == (2, "", 1), verb
        assert "registered" in err

    assert say("register")[1].startswith("phrasebook-en-zh version 1")
    assert say("register")[1].startswith("phrasebook-en-zh version 1"), "the same content is registered once"
    code, _, err = say("translate")
    assert code == 2
    assert "no champion yet" in err

    code, out, err = say("card", "1")
    assert (code, err) == (0, "")
    assert out.startswith("# phrasebook-en-zh\n")
    assert out.endswith("## The gate\n\nNot judged yet.\n")

    code, out, err = say("promote", "--json")
    assert (code, json.loads(out)["action"]) == (0, "promoted")
    assert "already" in say("promote")[1]
    code, out, _ = say("models", "--json")
    assert json.loads(out)[0]["aliases"] == ["champion"]
    listed = say("models")[1]
    assert "champion" in listed
    assert "MB" in listed
    assert f"{json.loads(out)[0]['metrics']['size_mb']:.2f}" in listed

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"good morning\n\nsome tea")))
    code, out, err = say("translate", "--model", "models:/phrasebook-en-zh@champion")
    assert (code, out.count("\n"), err) == (0, 3, "")
    code, out, err = say("translate", "--model", "models:/phrasebook-en-zh/7")
    assert code == 2
    assert "no such version" in err
    assert "raw text" in say("trace")[1]
    code, out, _ = say("card")
    assert code == 0
    assert "Decision: promoted." in out
    assert "| no leak | passed |" in out
    code, _, err = say("card", "selected")
    assert code == 2
    assert "not a registered model" in err
    assert json.loads(say("trace", "--json")[1])["model"] == "champion"
    code, _, err = say("rollback")
    assert code == 2
    assert "no previous champion" in err


def test_while_a_run_is_at_work_only_a_rollback_is_possible(
    tmp_path: Path,
    tiny_bundle: Path,
    make_project: MakeProject,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[..., tuple[int, str, str]],
) -> None:
    work = make_project(tmp_path, tiny_bundle)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with locks.run_lock(work.state):
        for verb in ("register", "promote", "retire"):
            assert "another run is at work here" in say(verb)[2], verb
        assert "nothing of that name is registered" in say("rollback")[2]

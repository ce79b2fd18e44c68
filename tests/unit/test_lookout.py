"""A server that asks every two seconds where its model lies."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from seqline.adapters.tracking import tracking_uri
from seqline.cli import locating
from seqline.cli.locating import Lookout
from seqline.errors import InputError, MissingError, RegistryError, SeqlineError
from seqline.types import Located
from seqline.workspace import Workspace


class Registry:
    """What a process that asks MLflow would say, and how often it was started."""

    def __init__(self, answer: SeqlineError | Located) -> None:
        self.answer, self.num_asked = answer, 0

    def __call__(self, work: Workspace, reference: str) -> Located:
        self.num_asked += 1
        if isinstance(self.answer, SeqlineError):
            raise self.answer
        return self.answer


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    changed(tmp_path, 0)
    return Workspace(tmp_path)


def changed(root: Path, number: int) -> None:
    """The registry's database, after a change."""
    with closing(sqlite3.connect(tracking_uri(root).removeprefix("sqlite:///"))) as database:
        database.execute(f"CREATE TABLE change_{number} (a)")
        database.commit()


def test_that_there_is_no_such_model_is_asked_once_until_the_registry_changes(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(MissingError("no such version"))
    monkeypatch.setattr(locating, "_located", registry)
    look = Lookout(work, "models:/tiny@challenger")
    for _ in range(3):
        with pytest.raises(InputError, match="no such version"):
            look()
    assert registry.num_asked == 1
    changed(work.root, 1)
    registry.answer = Located("tiny/1", "ab", work.root)
    assert [look() for _ in range(3)] == [registry.answer] * 3
    assert registry.num_asked == 2


def test_a_registry_that_gave_no_answer_is_asked_again_after_a_while(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(RegistryError("it does not answer"))
    monkeypatch.setattr(locating, "_located", registry)
    look = Lookout(work, "models:/tiny@challenger")
    for _ in range(3):
        with pytest.raises(RegistryError):
            look()
    assert registry.num_asked == 1
    later = time.monotonic() + 61
    monkeypatch.setattr(locating.time, "monotonic", lambda: later)
    with pytest.raises(RegistryError):
        look()
    assert registry.num_asked == 2

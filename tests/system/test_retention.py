"""Old versions go from a real registry, and never one that is needed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seqline import params, retention, succession
from seqline.adapters.mlflow_client import connect
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.cli import main
from seqline.errors import InputError
from seqline.files import content_hash, write_json
from seqline.resolving import fetched
from seqline.types import Facts, Version
from seqline.workspace import Workspace

NAME = "phrasebook-en-zh"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A project with nothing but params; the registry is its own."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_bytes((Path(__file__).parents[2] / "params.yaml").read_bytes())
    return Workspace(tmp_path)


def register(registry: MlflowRegistry, bundle: Path) -> Version:
    facts = Facts(content_hash=content_hash(bundle), metrics={}, params={}, lineage={}, example="the cat")
    return registry.register(NAME, bundle, facts)


def numbers(registry: MlflowRegistry) -> list[int]:
    return [version.number for version in registry.versions(NAME)]


def files_of(work: Workspace) -> set[str]:
    return {path.parts[-5] for path in work.root.glob("mlartifacts/models/*/artifacts/artifacts/bundle/model.bin")}


def gc(work: Workspace) -> None:
    """As docs/operate.md tells."""
    database = "sqlite:///mlflow.db"
    command = [sys.executable, "-m", "mlflow", "gc", "--backend-store-uri", database, "--tracking-uri", database]
    subprocess.run(command, cwd=work.root, check=True, capture_output=True, timeout=300)


def test_what_is_needed_stays_and_the_rest_is_freed(
    work: Workspace, make_bundle: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    registry, settings = MlflowRegistry(work.root), params.load(work.params)
    bundles = [make_bundle(work.root / f"bundle{n}", seed=1, name=f"tiny{n}") for n in range(1, 7)]
    versions = [register(registry, bundle) for bundle in bundles]
    for alias, number in (("champion", 3), ("previous", 1)):
        registry.set_alias(NAME, alias, number)
    assert succession.rollback(registry, NAME) == f"{NAME}: version 1 is champion again"
    registry.set_alias(NAME, "previous", 2)  # nothing but its mark holds version 3 now
    write_json(work.reports / "register.json", {"content_hash": versions[3].tags["content_hash"]})

    with pytest.raises(SystemExit) as caught:
        main(["retire", "--keep", "1", "--preview"])
    assert caught.value.code == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines() if NAME in line] == ["5"]
    assert numbers(registry) == [1, 2, 3, 4, 5, 6]
    assert retention.retire(work, settings, registry, keep=10) == []

    assert [version.number for version in retention.retire(work, settings, registry, keep=1)] == [5]
    assert numbers(registry) == [1, 2, 3, 4, 6]
    assert retention.retire(work, settings, registry, keep=1) == []
    assert {version.number: version.aliases for version in registry.versions(NAME) if version.aliases} == {
        1: ("champion",), 2: ("previous",),
    }  # fmt: skip

    assert len(files_of(work)) == 6
    gc(work)
    assert len(files_of(work)) == 5
    for version in registry.versions(NAME):
        assert content_hash(fetched(work, registry, version)) == version.tags["content_hash"]
    assert register(registry, bundles[4]).number == 7, "a number is never given twice"


def test_a_version_with_an_alias_is_refused_by_the_registry_itself(work: Workspace, tiny_bundle: Path) -> None:
    registry = MlflowRegistry(work.root)
    registry.set_alias(NAME, "champion", register(registry, tiny_bundle).number)
    with pytest.raises(InputError, match="version 1 is champion, so it stays"):
        registry.retire(NAME, 1)
    assert registry.resolve(NAME, "champion") is not None


def test_what_a_kill_left_half_removed_is_removed_by_the_next_run(
    work: Workspace, tiny_bundle: Path, other_bundle: Path
) -> None:
    registry, client = MlflowRegistry(work.root), connect(work.root)
    register(registry, tiny_bundle)
    client.delete_logged_model(next(work.root.glob("mlartifacts/models/*")).name)
    register(registry, other_bundle)
    retention.retire(work, params.load(work.params), registry, keep=1)
    assert numbers(registry) == [2]


def test_at_least_one_version_stays(work: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["retire", "--keep", "0"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1

"""The registry and the tracker against a real MLflow on SQLite; a registered model loaded by a consumer."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from seqline import remembering, resolving
from seqline.adapters import environment, mlflow_tracker
from seqline.adapters.mlflow_client import EXPERIMENT, connect
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.adapters.mlflow_tracker import MlflowTracker
from seqline.errors import ArtifactError, InputError, MissingError, RegistryError
from seqline.files import content_hash
from seqline.resolving import fetched, find, resolve
from seqline.serving.bundle import Bundle
from seqline.types import Facts, Version
from seqline.workspace import Workspace

NAME = "tiny-en-zh"
CORPUS = {
    "name": "tiny", "split": "train", "kind": "local", "lines": 3, "licence": "CC0-1.0", "url": "", "bytes": 28,
    "citation": "Doe et al. 2026", "date": "2026-11-20",
}  # fmt: skip
CARD = f"# tiny\n\n## Scores\n\n| BLEU | 61.5 |\n\n## Data\n\n{'- Doe ' * 200}\n\n## Too much\n\n{'x' * 5000}\n"


def facts(bundle: Path) -> Facts:
    lineage = {"corpora": [CORPUS], "code": {"commit": "0123abc", "dirty": False, "note": ""}, "training_data": "0"}
    return Facts(
        content_hash(bundle), {"bleu": 61.5, "teacher.bleu": 62.0}, {"project.seed": 1}, lineage, "the cat sat", CARD
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def registry(project: Path) -> MlflowRegistry:
    return MlflowRegistry(project)


@pytest.fixture(scope="module")
def version(registry: MlflowRegistry, tiny_bundle: Path) -> Version:
    version = registry.register(NAME, tiny_bundle, facts(tiny_bundle))
    registry.set_alias(NAME, "champion", version.number)
    return version


def test_registering_the_same_content_again_gives_the_same_version(
    registry: MlflowRegistry, version: Version, tiny_bundle: Path
) -> None:
    assert registry.register(NAME, tiny_bundle, facts(tiny_bundle)).number == version.number
    assert len(registry.versions(NAME)) == 1


def test_version_carries_hash_scores_and_card(registry: MlflowRegistry, version: Version, tiny_bundle: Path) -> None:
    (found,) = registry.versions(NAME)
    assert found.tags["content_hash"] == content_hash(tiny_bundle)
    assert found.metrics == {"bleu": 61.5, "teacher.bleu": 62.0}
    assert found.aliases == ("champion",)
    assert found.tags.keys() == {"content_hash", "metric.bleu", "metric.teacher.bleu"}


def test_bundle_comes_back_byte_for_byte_with_its_lineage(
    registry: MlflowRegistry, version: Version, tiny_bundle: Path, tmp_path: Path
) -> None:
    bundle = fetched(Workspace(tmp_path), registry, version)
    assert content_hash(bundle) == content_hash(tiny_bundle)
    assert json.loads((bundle.parent / "lineage.json").read_text())["code"]["commit"] == "0123abc"
    assert (bundle.parent / "README.md").read_text() == CARD


def test_card_is_the_description_cut_where_a_database_would_refuse_it(
    registry: MlflowRegistry, version: Version, project: Path
) -> None:
    shown = connect(project).get_model_version(NAME, str(version.number)).description
    assert len(CARD) > 5000 >= len(shown)
    assert shown.startswith("# tiny\n\n## Scores\n\n| BLEU | 61.5 |\n\n## Data")
    assert shown.endswith("More is in `README.md` among the files of the model.\n")
    assert "## Too much" not in shown


def test_damaged_copy_in_the_cache_is_made_again(registry: MlflowRegistry, version: Version, tmp_path: Path) -> None:
    bundle = fetched(Workspace(tmp_path), registry, version)
    model = bundle / "model.bin"
    model.write_bytes(model.read_bytes()[:-1] + b"\x00")
    assert Bundle.open(fetched(Workspace(tmp_path), registry, version))


def test_version_damaged_in_the_registry_is_refused(tmp_path: Path, make_bundle: object, tiny_bundle: Path) -> None:
    registry = MlflowRegistry(tmp_path)
    damaged = registry.register(NAME, tiny_bundle, facts(tiny_bundle))
    (model,) = tmp_path.glob("mlartifacts/models/*/artifacts/artifacts/bundle/model.bin")
    model.write_bytes(b"something else")
    with pytest.raises(ArtifactError, match="not those that were registered"):
        fetched(Workspace(tmp_path), registry, damaged)


class Slow:
    """A registry that takes its time, and counts how often it is asked for files."""

    def __init__(self, registry: MlflowRegistry) -> None:
        self._registry, self.num_fetched = registry, 0

    def fetch(self, name: str, number: int, folder: Path) -> Path:
        self.num_fetched += 1
        found = self._registry.fetch(name, number, folder)
        time.sleep(0.3)
        return found


def test_several_who_need_one_version_at_once_fetch_it_once(
    registry: MlflowRegistry, version: Version, tmp_path: Path
) -> None:
    slow = Slow(registry)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(fetched, Workspace(tmp_path), slow, version) for _ in range(4)]  # type: ignore[arg-type]
        assert {content_hash(one.result()) for one in asked} == {version.tags["content_hash"]}
    assert slow.num_fetched == 1


def test_a_run_of_the_registry_has_ended_when_its_version_is_there(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = MlflowRegistry(tmp_path)
    create = registry._client.create_model_version

    def unheard(*arguments: Any, **how: Any) -> None:
        create(*arguments, **how)
        raise OSError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(registry._client, "create_model_version", unheard)
        with pytest.raises(RegistryError, match="no answer"):
            registry.register(NAME, tiny_bundle, facts(tiny_bundle))
    assert registry.register(NAME, tiny_bundle, facts(tiny_bundle)).number == 1
    runs = registry._client.search_runs([registry._client.get_experiment_by_name(EXPERIMENT).experiment_id])
    assert [run.info.status for run in runs] == ["FINISHED"]


def test_references_resolve_to_folders(registry: MlflowRegistry, version: Version, tmp_path: Path) -> None:
    work = Workspace(tmp_path)
    assert resolve(work, "selected") == tmp_path / "models" / "selected"
    assert resolve(work, "some/folder") == tmp_path / "some" / "folder"
    assert resolve(work, f"models:/{NAME}@champion", registry) == resolve(work, f"models:/{NAME}/1", registry)


@pytest.mark.parametrize(
    ("uri", "error", "message"),
    [
        ("models:/../x@champion", InputError, "not a registered model"),
        (f"models:/{NAME}@champion\n", InputError, "not a registered model"),
        (f"models:/{NAME}", InputError, "write models:/NAME@champion"),
        (f"models:/{NAME}/0", InputError, "not a registered model"),
        (f"models:/{NAME}'--@x", InputError, "not a registered model"),
        ("models:/unknown@champion", MissingError, "nothing of that name is registered"),
        (f"models:/{NAME}@previous", MissingError, "there are 1 @champion"),
        (f"models:/{NAME}/7", MissingError, "there are 1 @champion"),
    ],
)
def test_bad_references_get_one_plain_line(
    registry: MlflowRegistry, version: Version, uri: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        find(registry, uri)
    assert "\n" not in str(caught.value)


def test_no_champion_yet_says_how_to_get_one(tmp_path: Path, tiny_bundle: Path) -> None:
    registry = MlflowRegistry(tmp_path)
    registry.register(NAME, tiny_bundle, facts(tiny_bundle))
    with pytest.raises(MissingError, match="no champion yet among versions 1; run `seqline promote`"):
        find(registry, f"models:/{NAME}@champion")


def test_an_unchanged_registry_is_not_asked_twice_and_a_changed_one_is(
    tmp_path: Path, make_bundle: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, work = MlflowRegistry(tmp_path), Workspace(tmp_path)
    bundles = [make_bundle(tmp_path / f"bundle{seed}", seed=seed) for seed in (1, 2)]
    numbers = [registry.register(NAME, bundle, facts(bundle)).number for bundle in bundles]
    registry.set_alias(NAME, "champion", numbers[0])
    asked: list[str] = []

    def project_registry(work: Workspace) -> MlflowRegistry:
        asked.append(work.root.name)
        return registry

    monkeypatch.setattr(resolving, "project_registry", project_registry)
    uri = f"models:/{NAME}@champion"
    first = [content_hash(resolve(work, uri)) for _ in range(3)]
    assert (set(first), len(asked)) == ({content_hash(bundles[0])}, 1)
    registry.set_alias(NAME, "champion", numbers[1])
    assert content_hash(resolve(work, uri)) == content_hash(bundles[1])
    assert len(asked) == 2
    folder = resolve(work, uri)
    (folder / "model.bin").write_bytes(b"damaged")
    assert content_hash(resolve(work, uri)) == content_hash(bundles[1])  # a damaged copy is fetched again
    (work.state / "cache" / "resolved.json").write_text("[")
    assert content_hash(resolve(work, uri)) == content_hash(bundles[1])
    assert len(asked) == 4


def test_a_registry_on_a_server_is_always_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mlflow.db").write_bytes(bytes(100))
    assert remembering.stamp(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert remembering.stamp(tmp_path) is None


def test_killed_before_the_version_exists_a_rerun_registers_it_once(
    tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = MlflowRegistry(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(registry._client, "create_model_version", _killed)
        with pytest.raises(KeyboardInterrupt):
            registry.register(NAME, tiny_bundle, facts(tiny_bundle))
    assert registry.versions(NAME) == []
    assert registry.register(NAME, tiny_bundle, facts(tiny_bundle)).number == 1
    assert len(registry.versions(NAME)) == 1


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_damaged_database_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(RegistryError, match=r"mlflow\.db: .*not a database") as caught:
        MlflowRegistry(tmp_path).versions(NAME)
    assert "\n" not in str(caught.value)


def test_unknown_versions_and_aliases_are_plain_errors(
    registry: MlflowRegistry, version: Version, tmp_path: Path
) -> None:
    registry.remove_alias(NAME, "never-set")
    assert registry.resolve(NAME, "never-set") is None
    assert registry.versions("unknown") == []
    for call in (
        lambda: registry.set_alias(NAME, "champion", 99),
        lambda: registry.tag(NAME, 99, {"a": "b"}),
        lambda: registry.fetch(NAME, 99, tmp_path / "copy"),
    ):
        with pytest.raises(MissingError, match="version=99"):
            call()
    assert not any(tmp_path.iterdir())


CONSUMER = """
import json, sys, warnings
sys.path = [entry for entry in sys.path if not entry.endswith("/src")]
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
import importlib.util
assert importlib.util.find_spec("seqline") is None
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model(sys.argv[2])
lines = json.loads(sys.argv[3])
json.dump([model.predict(lines), model.predict(lines, params={"beam": 1}), sorted(sys.modules)], sys.stdout)
"""


def test_consumer_without_seqline_and_torch_loads_and_translates(
    project: Path, version: Version, tiny_bundle: Path
) -> None:
    lines = ["the cat sat", "", "good morning\nsir", "\0", "a dog ran home"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            CONSUMER,
            f"sqlite:///{project}/mlflow.db",
            f"models:/{NAME}@champion",
            json.dumps(lines),
        ],
        capture_output=True,
        text=True,
        cwd=project,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"},
    )
    assert done.returncode == 0, done.stderr
    beam_4, beam_1, modules = json.loads(done.stdout)
    bundle = Bundle.open(tiny_bundle)
    assert beam_4 == [best[0].text for best in bundle.translate(lines, beam=4)]
    assert beam_1 == [best[0].text for best in bundle.translate(lines, beam=1)]
    assert "torch" not in modules


@pytest.mark.slow
def test_mlflow_serves_the_champion_without_torch(
    project: Path, version: Version, tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import httpx

    hiding = tmp_path_factory.mktemp("hiding")
    (hiding / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    path = os.pathsep.join([str(hiding), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    settings = {"MLFLOW_TRACKING_URI": f"sqlite:///{project}/mlflow.db", "MLFLOW_DISABLE_TELEMETRY": "true"}
    activated = environment.for_stage(project)  # MLflow calls uvicorn by its name

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", f"models:/{NAME}@champion"]
    server = subprocess.Popen(
        [*command, "--env-manager", "local", "--port", str(port)],
        cwd=project,
        env={**activated, **settings, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/ping").raise_for_status()
                break
            except httpx.HTTPError:
                assert server.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server did not come up"
                time.sleep(0.2)
        answer = httpx.post(
            f"http://127.0.0.1:{port}/invocations", json={"inputs": ["the cat sat"], "params": {"beam": 2}}
        )
        wrong = {"inputs": [1]}, {"inputs": ["the cat sat"], "params": {"beam": 1000}}
        refused = [httpx.post(f"http://127.0.0.1:{port}/invocations", json=one).status_code for one in wrong]
    finally:
        server.terminate()
        server.wait()
    assert answer.json() == {"predictions": [Bundle.open(tiny_bundle).translate(["the cat sat"], beam=2)[0][0].text]}
    assert refused == [400, 400]


@pytest.fixture
def hanging_port() -> Iterator[int]:
    """A server that accepts connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield server.getsockname()[1]


def test_hanging_server_costs_a_bounded_wait(
    hanging_port: int, tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{hanging_port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    begin = time.monotonic()
    with pytest.raises(RegistryError, match=f"MLflow at http://127.0.0.1:{hanging_port}"):
        MlflowRegistry(tmp_path).register(NAME, tiny_bundle, facts(tiny_bundle))
    assert time.monotonic() - begin < 8


def curve(root: Path, stage: str) -> list[tuple[int, float]]:
    client = connect(root)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id], f"tags.stage = '{stage}'")
    assert run.info.status == "FINISHED"
    return [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, "loss")]


def test_tracker_keeps_every_figure(project: Path) -> None:
    with MlflowTracker(project, NAME, "train") as tracker:
        tracker.params({"width": 192, "long": "x" * 10_000})
        for step in range(2500):
            tracker.metrics({"loss": 1 / (1 + step), "chrf": float("nan")}, step)
    assert curve(project, "train") == [(step, 1 / (1 + step)) for step in range(2500)]


def test_tracker_without_figures_leaves_no_run_and_no_database(tmp_path: Path) -> None:
    with MlflowTracker(tmp_path, NAME, "train"):
        pass
    assert not any(tmp_path.iterdir())


def status(root: Path, stage: str) -> str:
    client = connect(root)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id], f"tags.stage = '{stage}'")
    return str(run.info.status)


def test_a_run_whose_process_was_killed_is_called_so_by_the_next_and_one_at_work_is_not(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import os, sys; from pathlib import Path; from seqline.adapters import mlflow_tracker\n"
        "mlflow_tracker._FLUSH_INTERVAL_S = 0.0\n"
        "mlflow_tracker.MlflowTracker(Path(sys.argv[1]), 'x', 'killed').metrics({'loss': 1.0}, 1)\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(project)]).returncode == -9
    assert status(project, "killed") == "RUNNING"
    monkeypatch.setattr(mlflow_tracker, "_FLUSH_INTERVAL_S", 0.0)
    with MlflowTracker(project, NAME, "at-work") as tracker:
        tracker.metrics({"loss": 1.0}, 1)
        with MlflowTracker(project, NAME, "next") as other:
            other.metrics({"loss": 1.0}, 1)
        assert status(project, "killed") == "KILLED"
        assert status(project, "at-work") == "RUNNING"
    assert not list((project / ".seqline" / "pending").iterdir())


def test_figures_wait_on_disk_while_the_server_is_down_and_are_sent_later(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        patch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{closed.getsockname()[1]}")
        begin = time.monotonic()
        with MlflowTracker(project, NAME, "distill") as tracker:
            tracker.params({"width": 128})
            tracker.metrics({"loss": 2.5}, 10)
        assert time.monotonic() - begin < 8
    (waiting,) = (project / ".seqline" / "pending").iterdir()
    assert "sent by the next run" in capsys.readouterr().err
    copy = waiting.read_bytes()
    with MlflowTracker(project, NAME, "prune") as tracker:
        tracker.metrics({"loss": 1.0}, 1)
    assert not waiting.exists()
    assert curve(project, "distill") == [(10, 2.5)]
    waiting.write_bytes(copy)  # as if killed between sending and deleting
    with MlflowTracker(project, NAME, "again") as tracker:
        tracker.metrics({"loss": 1.0}, 1)
    assert curve(project, "distill") == [(10, 2.5)]

"""A registry that is down, hangs, or comes back: no version is lost, none is there twice, and waits are bounded."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import prefect_stack
import pytest
import tiny_project

from seqline.adapters import outbox
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.adapters.mlflow_tracker import MlflowTracker
from seqline.adapters.outbox import WaitingRegistry
from seqline.errors import RegistryError
from seqline.files import content_hash
from seqline.types import Facts

NAME = "tiny-en-zh"
CARD = "# tiny-en-zh\n\nTranslates what cats do.\n"


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory, make_bundle: Callable[..., Path]) -> list[Path]:
    folder = tmp_path_factory.mktemp("bundles")
    return [make_bundle(folder / name, seed=1, name=name) for name in ("one", "two")]


def facts(bundle: Path) -> Facts:
    lineage = {"corpora": [], "code": {"commit": "0123abc", "dirty": False, "note": ""}, "training_data": "0"}
    return Facts(
        content_hash(bundle), {"bleu": 61.5}, {"project.seed": 1, "shape": [1, 2]}, lineage, "the cat sat", CARD
    )


@contextmanager
def _down(monkeypatch: pytest.MonkeyPatch, *, hangs: bool = False) -> Iterator[None]:
    """A port that nobody listens at, or one whose listener never answers."""
    with monkeypatch.context() as patch, socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        if hangs:
            port.listen()
        patch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port.getsockname()[1]}")
        patch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        yield


def _register(root: Path, bundle: Path, said: list[str]) -> int:
    return WaitingRegistry(root, said.append).register(NAME, bundle, facts(bundle)).number


def _fail(root: Path, bundle: Path) -> str:
    with pytest.raises(RegistryError) as caught:
        _register(root, bundle, [])
    return str(caught.value)


@pytest.mark.parametrize("hangs", [False, True])
def test_versions_wait_on_disk_and_the_next_run_registers_all_of_them_in_their_order(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    own = shutil.copytree(bundles[0], tmp_path / "selected")
    with _down(monkeypatch, hangs=hangs):
        begin = time.monotonic()
        message = _fail(tmp_path, own)
        assert time.monotonic() - begin < 60
        assert "\n" not in message
        assert message.endswith("and is sent by the next run")
        assert _fail(tmp_path, own) == message  # a task that is tried again keeps it once
    assert len(outbox.versions(tmp_path)) == 1
    shutil.rmtree(own)  # the next model took its place
    said: list[str] = []
    assert _register(tmp_path, bundles[1], said) == 2
    assert _register(tmp_path, bundles[1], said) == 2
    found = MlflowRegistry(tmp_path).versions(NAME)
    assert [version.tags["content_hash"] for version in found] == [content_hash(bundle) for bundle in bundles]
    assert found[0].metrics == {"bleu": 61.5}
    fetched = MlflowRegistry(tmp_path).fetch(NAME, 1, tmp_path / "fetched")
    assert [path.read_text("utf-8") for path in fetched.parent.rglob("README.md")] == [CARD]
    assert outbox.versions(tmp_path) == []
    assert len(said) == 1
    assert said[0].startswith(f"{NAME} version 1: it had waited since 20")


def test_a_retraining_sends_what_waits_before_anything_else(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    said: list[str] = []
    with _down(monkeypatch):
        _fail(tmp_path, bundles[0])
        with MlflowTracker(tmp_path, NAME, "train") as tracker:
            tracker.metrics({"loss": 1.0}, 1)
        outbox.send(tmp_path, said.append)
        assert len(said) == 1
        assert said[0].endswith("is sent by the next run")
    outbox.send(tmp_path, said.append)
    assert [version.number for version in MlflowRegistry(tmp_path).versions(NAME)] == [1]
    assert list((tmp_path / ".seqline" / "pending").glob("**/*.json")) == []
    assert len(said) == 2
    outbox.send(tmp_path, said.append)  # nothing waits: nobody is asked
    assert len(said) == 2


def test_a_version_that_was_damaged_while_it_waited_is_told_and_holds_nothing_up(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with _down(monkeypatch):
        _fail(tmp_path, bundles[0])
    (facts_file,) = outbox.versions(tmp_path)
    (facts_file.parent / "bundle" / "model.bin").write_bytes(b"torn")
    said: list[str] = []
    assert _register(tmp_path, bundles[1], said) == 1
    assert len(said) == 1
    assert "a version that waited to be registered is damaged and is left there" in said[0]


def test_killed_while_a_version_was_put_aside_it_is_put_aside_again(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with _down(monkeypatch):
        _fail(tmp_path, bundles[0])
        (facts_file,) = outbox.versions(tmp_path)
        facts_file.unlink()  # it is written last
        (facts_file.parent / "bundle" / "model.bin").unlink()
        assert outbox.versions(tmp_path) == []
        _fail(tmp_path, bundles[0])
    assert content_hash(facts_file.parent / "bundle") == content_hash(bundles[0])
    assert (facts_file.parent / "bundle" / "model.bin").is_file()


@pytest.mark.slow
def test_it_is_the_same_with_a_server_that_goes_and_comes_back(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = prefect_stack.free_address()["PREFECT_API_URL"].removesuffix("/api")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    _fail(tmp_path, bundles[0])
    with _server(tmp_path, address):
        assert _register(tmp_path, bundles[1], []) == 2
        registry = MlflowRegistry(tmp_path)
        registry.set_alias(NAME, "champion", 2)
        assert registry.fetch(NAME, 1, tmp_path / "fetched").is_dir()
    assert _fail(tmp_path, bundles[0]).startswith(f"MLflow at {address}: ")
    with _server(tmp_path, address):
        outbox.send(tmp_path, print)
        assert [version.number for version in MlflowRegistry(tmp_path).versions(NAME)] == [1, 2]
    assert outbox.versions(tmp_path) == []
    assert not (tmp_path / "mlflow.db").exists()


@contextmanager
def _server(root: Path, address: str) -> Iterator[None]:
    env = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    command = [
        sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{root}/served.db",
        "--artifacts-destination", str(root / "served"), "--host", "127.0.0.1", "--port", address.rpartition(":")[2],
        "--workers", "1",
    ]  # fmt: skip
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (root / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=root, env={**env, **quiet}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            tiny_project.wait_for(lambda: _is_up(address), timeout_s=240)
            yield
        finally:
            os.killpg(process.pid, 15)
            process.wait(60)


def _is_up(address: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{address}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        time.sleep(0.5)
        return False

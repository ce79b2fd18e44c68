"""A registry that is down, hangs, or comes back: no version is lost, none is there twice, and waits are bounded."""

import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import prefect_stack
import pytest
import tiny_project
from failing_disk import no_file_beyond

from seqline.adapters import outbox
from seqline.adapters.mlflow_client import connect, plain_errors
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.adapters.mlflow_tracker import MlflowTracker
from seqline.adapters.outbox import WaitingRegistry
from seqline.errors import RegistryError, StageError
from seqline.files import content_hash, read_json, write_json
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


def test_a_version_that_is_refused_is_told_and_holds_nothing_up(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with _down(monkeypatch):
        for bundle in bundles:
            _fail(tmp_path, bundle)
    first, second = outbox.versions(tmp_path)
    write_json(first, {**read_json(first), "name": "no/name"})
    os.utime(first, (1, 1))  # still the first
    said: list[str] = []
    outbox.send(tmp_path, said.append)
    assert "no/name" in said[0]
    assert said[0].endswith(f"the version in {first.parent} waits on")
    assert said[1].startswith(f"{NAME} version 1: it had waited since")
    assert outbox.versions(tmp_path) == [first]
    assert not second.parent.exists()


def test_figures_that_are_refused_are_told_and_hold_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with _down(monkeypatch):
        for stage in ("train", "distill"):
            with MlflowTracker(tmp_path, NAME, stage) as tracker:
                tracker.metrics({"loss": 1.0}, 1)
    first, _ = sorted((tmp_path / ".seqline" / "pending").glob("*.json"))
    write_json(first, {**read_json(first), "figures": [["what ? ; is this", 1.0, 1, 1]]})
    said: list[str] = []
    outbox.send(tmp_path, said.append)
    assert len(said) == 1
    assert said[0].endswith(f"the figures in {first} wait on")
    assert list((tmp_path / ".seqline" / "pending").glob("*.json")) == [first]
    with MlflowTracker(tmp_path, NAME, "prune") as tracker:
        tracker.metrics({"loss": 1.0}, 1)
    assert list((tmp_path / ".seqline" / "pending").glob("*.json")) == [first]


def test_killed_while_a_version_that_was_sent_is_cleared_away_nothing_waits(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path, *arguments: Any, real: Callable[..., None] = shutil.rmtree, **how: Any) -> None:
        if "pending" in Path(folder).parts:
            raise KeyboardInterrupt
        real(folder, *arguments, **how)

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with _down(monkeypatch):
        _fail(tmp_path, bundles[0])
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            outbox.send(tmp_path, print)
    said: list[str] = []
    outbox.send(tmp_path, said.append)
    assert said == []


def test_a_version_that_finds_no_room_to_wait_is_told_in_one_line(
    tmp_path: Path, bundles: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        _down(monkeypatch),
        no_file_beyond(4096),
        pytest.raises(StageError, match=r"pending/versions/.*: cannot be written \(File too large\)") as caught,
    ):
        _register(tmp_path, bundles[0], [])
    assert "\n" not in str(caught.value)
    assert outbox.versions(tmp_path) == []


class Rude(http.server.ThreadingHTTPServer):
    """Takes every request and gives no answer, or one that asks to come back in an hour."""

    def __init__(self, *, silent: bool) -> None:
        self.num_requests, self.silent, self.ended = 0, silent, threading.Event()
        super().__init__(("127.0.0.1", 0), Refusal)


class Refusal(http.server.BaseHTTPRequestHandler):
    server: Rude

    def do_POST(self) -> None:
        self.server.num_requests += 1
        if self.server.silent:
            self.server.ended.wait(60)
            return
        self.send_response(429)
        self.send_header("Retry-After", "3600")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("silent", [False, True])
def test_what_creates_something_is_asked_once_and_no_server_says_how_long_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: bool
) -> None:
    for name in ("MAX_RETRIES", "TIMEOUT"):
        monkeypatch.delenv(f"MLFLOW_HTTP_REQUEST_{name}", raising=False)
    monkeypatch.delenv("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", raising=False)
    with Rude(silent=silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_address[1]}")
        client, begin = connect(tmp_path), time.monotonic()
        with pytest.raises(RegistryError), plain_errors(client.tracking_uri):
            client.create_registered_model(NAME)
        assert time.monotonic() - begin < 30
        assert server.num_requests == 1
        server.ended.set()
        server.shutdown()


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

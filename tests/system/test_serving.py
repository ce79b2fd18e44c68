"""``seqline serve`` as people start it: another process, a registry that changes under it, a signal that ends it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.files import content_hash
from seqline.server import journal
from seqline.serving.bundle import Bundle
from seqline.types import Facts
from seqline.workspace import Workspace

NAME = "phrasebook-en-zh"
LINES = ["the cat sat on the mat", "", "good morning"]
SOURCES = Path(__file__).parents[2] / "src"
_START_S, _EXCHANGE_S = 60.0, 120.0


def registered(registry: MlflowRegistry, bundle: Path) -> int:
    facts = Facts(content_hash=content_hash(bundle), metrics={}, params={}, lineage={}, example=LINES[0])
    return registry.register(NAME, bundle, facts).number


@contextmanager
def serving(work: Workspace, *options: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A server and its address."""
    command = [sys.executable, "-m", "seqline", "serve", "--port", "0", "--threads", "1", *options]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    process = subprocess.Popen(command, cwd=work.root, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process, _address(process)
    finally:
        process.kill()
        process.communicate()


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("the server did not start")


def translations(folder: Path) -> list[str]:
    return [best[0].text for best in Bundle.open(folder).translate(LINES)]


def test_the_champion_is_followed_without_a_lost_or_wrong_answer(
    tmp_path: Path, tiny_bundle: Path, other_bundle: Path, make_project: Callable[[Path, Path], Workspace]
) -> None:
    work = make_project(tmp_path, tiny_bundle)
    registry = MlflowRegistry(tmp_path)
    numbers = [registered(registry, bundle) for bundle in (tiny_bundle, other_bundle)]
    right = dict(zip([f"{NAME}/{n}" for n in numbers], map(translations, (tiny_bundle, other_bundle)), strict=True))
    registry.set_alias(NAME, "champion", numbers[0])
    answers: list[tuple[str, list[str]]] = []
    end = Event()

    with serving(work, "--follow", "0.2") as (process, address):

        def ask() -> None:
            with httpx.Client(base_url=address, timeout=30) as client:
                while not end.is_set():
                    found = client.post("/translate", json={"lines": LINES}).raise_for_status().json()
                    answers.append((found["version"], [line["text"] for line in found["translations"]]))
                    time.sleep(0.02)

        asking = Thread(target=ask)
        asking.start()
        registry.set_alias(NAME, "champion", numbers[1])
        deadline = time.monotonic() + _EXCHANGE_S
        while time.monotonic() < deadline and (not answers or answers[-1][0] == f"{NAME}/{numbers[0]}"):
            time.sleep(0.1)
        end.set()
        asking.join()
        assert httpx.get(f"{address}/version").json()["version"] == f"{NAME}/{numbers[1]}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert {version for version, _ in answers} == set(right)
    assert all(found == right[version] for version, found in answers)


def test_requests_are_noted_and_a_challenger_translates_beside_the_champion(
    tmp_path: Path, tiny_bundle: Path, other_bundle: Path, make_project: Callable[[Path, Path], Workspace]
) -> None:
    work = make_project(tmp_path, tiny_bundle)
    options = ("--model", "selected", "--log", "--shadow", str(other_bundle), "--shadow-share", "1")
    with serving(work, *options) as (process, address):
        for _ in range(4):
            httpx.post(f"{address}/translate", json={"lines": LINES}, timeout=30).raise_for_status()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert [one["characters"] for one in journal.read(work.traffic, 2)] == 4 * [len(line) for line in LINES]
    beside = list(journal.read(work.shadow, 2))
    assert [one["source"] for one in beside] == 4 * LINES
    assert [one["champion"]["text"] for one in beside[:3]] == translations(tiny_bundle)
    assert [one["challenger"]["text"] for one in beside[:3]] == translations(other_bundle)


def test_what_cannot_be_served_is_told_in_one_line(
    tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]
) -> None:
    work = make_project(tmp_path, tiny_bundle)
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    for model, told in (("nothing", "no finished output there"), ("models:/absent@champion", "nothing of that name")):
        command = [sys.executable, "-m", "seqline", "serve", "--model", model]
        run = subprocess.run(command, cwd=work.root, env=environment, capture_output=True, text=True, timeout=_START_S)
        assert run.returncode == 2
        assert told in run.stderr
        assert run.stderr.count("\n") == 1


def test_a_challenger_that_is_nowhere_is_told_at_the_start(
    tmp_path: Path, tiny_bundle: Path, make_project: Callable[[Path, Path], Workspace]
) -> None:
    work = make_project(tmp_path, tiny_bundle)
    command = [sys.executable, "-m", "seqline", "serve", "--model", "selected", "--shadow", "tpyo", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    run = subprocess.run(command, cwd=work.root, env=environment, capture_output=True, text=True, timeout=_START_S)
    assert run.returncode == 2
    assert "tpyo: no finished output there" in run.stderr.splitlines()[-1]
    assert not work.shadow.exists()


def test_where_a_model_lies_can_be_asked(
    tmp_path: Path,
    tiny_bundle: Path,
    make_project: Callable[[Path, Path], Workspace],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from seqline.cli import main

    work = make_project(tmp_path, tiny_bundle)
    registry = MlflowRegistry(tmp_path)
    registry.set_alias(NAME, "champion", registered(registry, tiny_bundle))
    monkeypatch.chdir(work.root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for model in ("selected", f"models:/{NAME}@champion", ""):
        with pytest.raises(SystemExit) as caught:
            main(["where", *([model] if model else [])])
        assert caught.value.code == 0
        assert content_hash(Path(capsys.readouterr().out.strip())) == content_hash(tiny_bundle)


@pytest.mark.slow
def test_twenty_champions_under_load_lose_no_request_and_answer_none_for_another(
    tiny_bundle: Path, other_bundle: Path
) -> None:
    program = SOURCES.parent / "benchmarks" / "switching.py"
    command = [sys.executable, str(program), str(tiny_bundle), str(other_bundle), "--switches", "20"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["switches"], found["failed"], found["wrong version"]) == (20, 0, 0)
    assert len(found["versions"]) == 2
    assert found["right"] > 20

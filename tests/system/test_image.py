"""What the server's image installs is enough to serve: nothing else of this environment can be imported here."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from seqline.server import journal
from seqline.serving.bundle import Bundle

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
LINES = ["the cat sat on the mat", "", "good morning"]
# An import of what the image has not, as Python fails there.
CONFINED = """\
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from seqline.cli import main
main(sys.argv[1:])
"""


def installed(*lists: str) -> set[str]:
    """The distributions that the image's lists ask for, and those that these ask for."""
    waiting = [line for name in lists for line in (ROOT / "deploy" / name).read_text().splitlines() if line[:1] != "#"]
    names: set[str] = set()
    while waiting:
        requirement = Requirement(waiting.pop())
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and name not in names:
            names.add(name)
            waiting += distribution(name).requires or []
    return names


@cache
def owners_of_modules() -> Mapping[str, list[str]]:
    return packages_distributions()


def absent(*lists: str) -> list[str]:
    """The importable names of this environment that the image has not."""
    there = installed(*lists) | {"seqline"}
    owners = owners_of_modules()
    return sorted(name for name in owners if not there & {canonicalize_name(owner) for owner in owners[name]})


@pytest.fixture
def server(tmp_path: Path, tiny_bundle: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The image's command, confined to what the image has, in a folder in which it cannot write; and its address."""
    with confined(tmp_path, tiny_bundle) as found:
        yield found


@contextmanager
def confined(
    tmp_path: Path, bundle: Path, *options: str, mode: int = 0o555
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)[-1])
    command = json.loads(re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[-1])
    assert [*entry[:2], *command] == ["seqline", "serve", "--model", "/model"]
    arguments = [*entry[1:], "--model", str(shutil.copytree(bundle, tmp_path / "model")), "--port", "0", *options]
    for path in (tmp_path / "model", tmp_path):
        path.chmod(mode)
    program = CONFINED.format(absent=absent("serve.txt"))
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments, "--threads", "1"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, _address(process)
        finally:
            process.kill()
            tmp_path.chmod(0o755)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if found := re.search(r"http://0\.0\.0\.0:(\d+)", line):
            return f"http://127.0.0.1:{found[1]}"
    raise AssertionError("".join(told))


def test_the_image_serves_with_what_it_installs(server: tuple["subprocess.Popen[str]", str], tiny_bundle: Path) -> None:
    process, address = server
    answer = httpx.post(f"{address}/translate", json={"lines": LINES}).raise_for_status().json()
    expected = [best[0].text for best in Bundle.open(tiny_bundle).translate(LINES)]
    assert [line["text"] for line in answer["translations"]] == expected
    assert "seqline_" in httpx.get(f"{address}/metrics").text
    port = address.rpartition(":")[2]
    checks = [json.loads(found) for found in re.findall(r"HEALTHCHECK .*\\\n +CMD (.*)$", DOCKERFILE, re.MULTILINE)]
    assert len(checks) == 2
    for check in checks:
        asked = [sys.executable, *(part.replace(":8000/", f":{port}/") for part in check[1:])]
        assert subprocess.run(asked, timeout=30, check=False).returncode == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    assert subprocess.run(asked, stderr=subprocess.DEVNULL, timeout=30, check=False).returncode != 0


def test_the_image_notes_its_requests_where_it_may_write(tmp_path: Path, tiny_bundle: Path) -> None:
    with confined(tmp_path, tiny_bundle, "--log", mode=0o755) as (process, address):
        httpx.post(f"{address}/translate", json={"lines": LINES}, timeout=60).raise_for_status()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    noted = list(journal.read(tmp_path / ".seqline" / "traffic", 2))
    assert [one["characters"] for one in noted] == [len(line) for line in LINES]


def test_the_server_s_image_has_neither_torch_nor_mlflow_nor_an_orchestrator() -> None:
    assert {"torch", "mlflow", "polars", "pyarrow", "prefect", "dvc", "pandas"} <= set(absent("serve.txt"))


def test_the_image_that_follows_a_registry_can_ask_one(tmp_path: Path) -> None:
    """Without MLflow the same question ends otherwise: so it is the list that makes it possible."""
    uri = "models:/nothing@champion"
    nobody = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    environment = {**os.environ, **nobody}
    told = {}
    for lists in (("serve.txt",), ("serve.txt", "follow.txt")):
        program = CONFINED.format(absent=absent(*lists))
        asked = subprocess.run(
            [sys.executable, "-c", program, "where", uri], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert asked.returncode == 1
        told[lists] = asked.stderr
    assert "No module named" in told["serve.txt",]
    assert "MLflow at http://127.0.0.1:9" in told["serve.txt", "follow.txt"]

"""The container files, which no engine checks here: by their linters, and by what they must and must not say."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from seqline.adapters import environment
from seqline.server.limits import Limits

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    content = YAML(typ="safe", pure=True).load(COMPOSE)
    assert isinstance(content, dict)
    return content["services"]


def lint(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    tool = shutil.which(name, path=str(BIN))
    if tool is None:
        pytest.skip(f"{name} is not installed: pip install -c constraints.txt -e '.[dev]'")
    return subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("", "", ""),
        ("python:3.11-slim-bookworm", "python:latest", "DL3007"),
        ("USER 10001:10001", "USER root", "DL3002"),
        ("--no-install-recommends ", "", "DL3015"),
        ("COPY src src", "ADD src src", "DL3020"),
        ("WORKDIR /model", "WORKDIR model", "DL3000"),
        ("EXPOSE 8000", "EXPOSE 80000", "DL3011"),
        ("EXPOSE 8000", "EXPOSED 8000", "missing whitespace"),
    ],
)
def test_hadolint_passes_the_dockerfile_and_finds_planted_faults(
    right: str, wrong: str, rule: str, tmp_path: Path
) -> None:
    assert right in DOCKERFILE
    file = tmp_path / "Dockerfile"
    file.write_text(DOCKERFILE.replace(right, wrong), encoding="utf-8")
    found = lint("hadolint", "--no-color", str(file))
    assert (found.returncode == 0) == (not rule), found.stdout + found.stderr
    assert rule in found.stdout + found.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("depends_on:", "depend_on:"),
        ("condition: service_healthy", "condition: healthy"),
        ("retries: 3", "retries: [3]"),
        ('ports: ["127.0.0.1:8000:8000"]', "ports: 8000"),
    ],
)
def test_the_schema_of_compose_passes_the_file_and_finds_planted_faults(right: str, wrong: str, tmp_path: Path) -> None:
    assert right in COMPOSE
    file = tmp_path / "compose.yaml"
    file.write_text(COMPOSE.replace(right, wrong), encoding="utf-8")
    found = lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(file))
    assert (found.returncode == 0) == (right == wrong), found.stdout


def test_every_image_runs_without_root_and_every_server_tells_its_health() -> None:
    stages = re.split(r"^FROM \S+ AS ", DOCKERFILE, flags=re.MULTILINE)[1:]
    images = {name: text for name, _, text in (stage.partition("\n") for stage in stages) if "USER" in text}
    assert set(images) == {"tools", "following", "server"}
    for name, text in images.items():
        users = re.findall(r"^USER (\S+)$", text, re.MULTILINE)
        assert users == ["10001:10001"], name
        assert ("HEALTHCHECK" in text) == ("ENTRYPOINT" in text), name
    assert stages[-1].startswith("server\n")  # what `docker build` makes where no target is named


def test_what_is_copied_into_an_image_is_let_through_and_little_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    copied = {path for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for path in line.split()}
    assert let_through == copied
    assert "*" in ignored
    assert all((ROOT / path).exists() for path in copied)


def test_torch_is_the_version_that_the_constraints_name() -> None:
    [version] = re.findall(r"torch==(\S+)", DOCKERFILE)
    assert f"\ntorch=={version}\n" in (ROOT / "constraints.txt").read_text(encoding="utf-8")


def test_ports_are_open_to_this_machine_alone(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert not any("network_mode" in service or "privileged" in service for service in services.values())


def test_whoever_is_waited_for_can_become_what_is_waited_for(services: dict[str, Any]) -> None:
    waits = [wait for service in services.values() for wait in service.get("depends_on", {}).items()]
    assert len(waits) >= 5
    for name, wait in waits:
        healthy = wait["condition"] == "service_healthy"
        assert "healthcheck" in services[name] if healthy else services[name]["restart"] == "no", name


def test_images_are_built_here_or_pinned(services: dict[str, Any]) -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    for name, service in services.items():
        if "build" in service:
            assert service["build"]["target"] in stages, name
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
        else:
            assert re.search(r":RELEASE\.\d{4}-\S+$", service["image"]), name


def test_secrets_come_from_a_file_that_git_does_not_see(services: dict[str, Any]) -> None:
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD")
    settings = [setting for service in services.values() for setting in service["environment"].items()]
    given = {name: value for name, value in settings if name in keys}
    assert set(given) == set(keys)
    for value in given.values():
        assert re.fullmatch(r"\$\{S3_(USER|PASSWORD):\?.+\}", value)  # compose refuses to start without it
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    named = dict(line.split("=") for line in example.splitlines() if not line.startswith("#"))
    assert set(named) == set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE))
    assert named["S3_USER"] == named["S3_PASSWORD"] == ""
    told = subprocess.run(["git", "check-ignore", "deploy/.env"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "deploy/.env"


def test_no_tool_in_a_container_calls_home(services: dict[str, Any]) -> None:
    wanted = {"DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY", "PREFECT_SERVER_ANALYTICS_ENABLED", "DVC_NO_ANALYTICS"}
    values = environment.settings(ROOT)
    for name in wanted:
        assert f"{name}={values[name]}" in DOCKERFILE
        assert all(one["environment"][name] == values[name] for one in services.values() if "build" in one)


def test_what_dvc_needs_in_a_container_that_is_read_only_and_without_users_is_given(services: dict[str, Any]) -> None:
    given = services["worker"]["environment"]
    assert given["DVC_SITE_CACHE_DIR"].startswith("/tmp/")  # else: unable to open database file
    assert given["LOGNAME"]  # else: uid not found


def test_a_server_that_is_stopped_may_finish_and_what_it_notes_lies_where_the_worker_looks(
    services: dict[str, Any],
) -> None:
    server, worker = services["server"], services["worker"]
    assert int(server["stop_grace_period"].removesuffix("s")) > Limits().body_s + Limits().answer_s
    assert server["user"] == worker["user"]
    (state,) = server["volumes"]
    assert state["source"] == f"{worker['volumes'][0].partition(':')[0]}/.seqline"
    assert state["target"] == f"{re.findall(r'^WORKDIR (.*)$', DOCKERFILE, re.MULTILINE)[-2]}/.seqline"
    assert server["environment"]["SEQLINE_LOG"] == "${SEQLINE_LOG:-false}"  # nothing is noted unasked

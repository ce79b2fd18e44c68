"""A Prefect server and its workers, as a team starts them, on a free port of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import tiny_project

from seqline.adapters import environment as tools


def environment(root: Path, **more: str) -> dict[str, str]:
    return {**tools.settings(root), **os.environ, **more}


@contextmanager
def server(root: Path) -> Iterator[dict[str, str]]:
    env = free_address()
    port = env["PREFECT_API_URL"].split(":")[-1].removesuffix("/api")
    with background(root, {}, "server", "start", "--host", "127.0.0.1", "--port", port, "--no-ui"):
        tiny_project.wait_for(lambda: answers(env), timeout_s=120)
        yield env


def free_address() -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return {"PREFECT_API_URL": f"http://127.0.0.1:{free.getsockname()[1]}/api"}


@contextmanager
def background(root: Path, env: dict[str, str], *arguments: str) -> Iterator[None]:
    command = [sys.executable, "-m", "prefect", *arguments]
    with (root / "background.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=root, env=environment(root, **env), stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def answers(env: dict[str, str]) -> bool:
    try:
        return httpx.get(f"{env['PREFECT_API_URL']}/health").status_code == 200
    except httpx.TransportError:
        time.sleep(0.3)
        return False


def flow_runs(env: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Every flow run of a server by the flow's name."""
    time.sleep(2)  # whoever asks again and again slows down what is waited for
    with httpx.Client(base_url=env["PREFECT_API_URL"], timeout=60) as api:
        flows = api.post("/flows/filter", json={}).json()
        runs = api.post("/flow_runs/filter", json={"limit": 200}).json()
    names = {flow["id"]: flow["name"] for flow in flows}
    found: dict[str, list[dict[str, Any]]] = {}
    for one in runs:
        if one["state_type"] != "SCHEDULED":
            found.setdefault(names[one["flow_id"]], []).append(one)
    return found


def run(root: Path, env: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "prefect", *arguments]
    done = subprocess.run(command, cwd=root, env=environment(root, **env), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

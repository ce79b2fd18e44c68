"""Prefect's server, the project's deployments and a worker, started and ended together.

Each runs on a leash, so that it cannot outlive this process. Flow runs that are at work when the worker ends are
Prefect's own processes: what they had begun is healed by the next run.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from seqline.adapters import environment, leash, zombies
from seqline.errors import InputError, SeqlineError

POOL = "seqline"
_START_S = 120.0
_POLL_S = 0.3


def serve(root: Path) -> int:
    """Serve a project's deployments until Ctrl-C or SIGTERM; returns 130, or 1 where the server or the worker ended.

    With ``PREFECT_API_URL`` set, only the deployments and the worker: the server is that one. Runs that it takes for
    alive though their process here is gone are marked as crashed in either case.

    Raises:
        InputError: the port is taken.
        SeqlineError: the server did not start, or prefect.yaml was refused.
    """
    environment.apply(root)
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack:
        live = {}
        if not os.environ.get("PREFECT_API_URL"):
            live["server"] = stack.enter_context(_server(root))
        for name in zombies.sweep(os.environ["PREFECT_API_URL"], alone="server" in live):
            print(f"flow run {name}: its process is gone; marked as crashed", flush=True)
        _prefect(root, "work-pool", "create", POOL, "--type", "process", "--overwrite")
        _prefect(root, "deploy", "--all")
        live["worker"] = stack.enter_context(_leashed(root, "worker", "start", "--pool", POOL))
        print(f"serving {root} at {os.environ['PREFECT_API_URL'].removesuffix('/api')}; Ctrl-C ends it", flush=True)
        try:
            return _watch(live)
        except KeyboardInterrupt:
            return 130


def _watch(live: "dict[str, subprocess.Popen[bytes]]") -> int:
    while True:
        for name, process in live.items():
            if process.poll() is not None:
                print(f"the {name} ended with {process.returncode}; so does the rest", file=sys.stderr)
                return 1
        time.sleep(_POLL_S)


@contextmanager
def _server(root: Path) -> "Iterator[subprocess.Popen[bytes]]":
    host = os.environ.get("PREFECT_SERVER_API_HOST", "127.0.0.1")
    port = int(os.environ.get("PREFECT_SERVER_API_PORT", "4200"))
    with socket.socket() as probe:
        if probe.connect_ex((host, port)) == 0:
            raise InputError(
                f"port {port} is taken; set PREFECT_SERVER_API_PORT, or PREFECT_API_URL to use that server"
            )
    with _leashed(root, "server", "start", "--host", host, "--port", str(port)) as process:
        os.environ["PREFECT_API_URL"] = f"http://{host}:{port}/api"
        deadline = time.monotonic() + _START_S
        while not _answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SeqlineError("Prefect's server did not start; its last lines say why")
            time.sleep(_POLL_S)
        yield process


def _answers() -> bool:
    import httpx

    try:
        return httpx.get(f"{os.environ['PREFECT_API_URL']}/health", timeout=5.0).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def _leashed(root: Path, *arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "seqline.adapters.leash", *_command(arguments)]
    process = subprocess.Popen(
        command, cwd=root, env=environment.for_stage(root), stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield process
    finally:
        leash.end(process)


def _prefect(root: Path, *arguments: str) -> None:
    command, env = _command(["--no-prompt", *arguments]), environment.for_stage(root)
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).split("\n")[-1]
        raise SeqlineError(f"prefect {' '.join(arguments)}: {last}")


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "prefect", *arguments]


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt

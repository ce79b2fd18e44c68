"""Flow runs that a server takes for alive though their process is gone, because a worker or the machine died.

Such a run holds its deployment's only place, and every later run of it would be cancelled or wait for ever.
"""

import os
import socket
from datetime import datetime
from typing import Any

import httpx

from seqline.adapters import processes
from seqline.errors import SeqlineError

_TIMEOUT_S = 30.0
_LIVE = ("PENDING", "RUNNING", "CANCELLING")
_START_S = 120.0
_MESSAGE = "its process is gone: the worker or the machine died before it ended"


def sweep(api_url: str, *, alone: bool) -> list[str]:
    """Mark them as crashed, which frees their places, and return their names.

    A run of another machine, or one at work that no worker has started, is left alone. ``alone``: no worker is there
    yet, so what only waits to be started, nobody will start.

    Raises:
        SeqlineError: the server does not answer, or refuses.
    """
    try:
        return _swept(api_url, alone=alone)
    except httpx.HTTPError as error:
        raise SeqlineError(f"{api_url}: runs of dead workers could not be marked as crashed: {error}") from None


def _swept(api_url: str, *, alone: bool) -> list[str]:
    with httpx.Client(base_url=api_url, timeout=_TIMEOUT_S) as api:
        wanted = {"flow_runs": {"state": {"type": {"any_": _LIVE}}, "deployment_id": {"is_null_": False}}}
        found = api.post("/flow_runs/filter", json=wanted).raise_for_status().json()
        gone = [run for run in found if not _may_live(run, alone=alone)]
        for run in gone:
            crashed = {"state": {"type": "CRASHED", "name": "Crashed", "message": _MESSAGE}, "force": True}
            api.post(f"/flow_runs/{run['id']}/set_state", json=crashed).raise_for_status()
    return [run["name"] for run in gone]


def _may_live(run: dict[str, Any], *, alone: bool) -> bool:
    host, _, pid = (run["infrastructure_pid"] or "").rpartition(":")
    if not pid.isdigit():
        return not alone or bool(run["state_type"] != "PENDING")
    if host not in ("", socket.gethostname()):
        return True
    born_s, told_s = processes.born_s(int(pid)), datetime.fromisoformat(run["state"]["timestamp"]).timestamp()
    return born_s is not None and born_s < told_s + _START_S  # else a later process has that number


if __name__ == "__main__":  # before the only worker of a server that runs elsewhere: deploy/compose.yaml
    print(*sweep(os.environ["PREFECT_API_URL"], alone=True), sep="\n")

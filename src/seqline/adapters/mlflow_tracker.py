"""Training curves to MLflow: implements :class:`seqline.types.Tracker`; training never waits for it or fails by it.

Figures are kept in memory and sent in batches. What is left of a run lies in ``.seqline/pending``, one JSON file per
run, until it has ended: where MLflow does not answer within the bounded wait, its figures; in any case, that it was
begun. The next tracker sends them, and calls a run that its process did not end killed. Every figure carries its own
time, so that sending it twice leaves it once.
"""

import atexit
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from seqline.adapters.mlflow_client import connect, experiment_id, plain_errors
from seqline.adapters.processes import born_s
from seqline.errors import ArtifactError, MissingError, RegistryError, SeqlineError
from seqline.files import read_json, write_json
from seqline.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

_FLUSH_INTERVAL_S = 10.0
_BATCH = 1000  # MLflow refuses more figures in one call …
_PARAM_BATCH = 100  # … and more params
_MAX_PARAM_CHARACTERS = 6000  # … and longer ones
_KEY_TAG = "seqline.key"

Figure = tuple[str, float, int, int]
"""Name, value, step, milliseconds since 1970."""


def waiting(root: Path) -> bool:
    """Whether figures of earlier runs wait to be sent."""
    return any(_pending(root).glob("*.json"))


def send_waiting(root: Path, tell: Callable[[str], None]) -> None:
    """Send them; those of a run that MLflow refuses stay, are told, and hold nothing up.

    Raises:
        RegistryError: MLflow does not answer in time.
    """
    _Sender(root, tell)


class MlflowTracker:
    """One run of one stage. Close it, or use it in a ``with``; MLflow is imported only when there is something to send.

    Args:
        root: the project's folder.
        model: the model's name; it becomes a tag.
        stage: the stage's name; it becomes the run's name.
    """

    def __init__(self, root: Path, model: str, stage: str) -> None:
        self._root = root
        self._run: dict[str, Any] = {
            "key": uuid4().hex,
            "pid": os.getpid(),
            "model": model,
            "stage": stage,
            "params": {},
            "status": "RUNNING",
        }
        self._run["start"] = _now_ms()
        self._figures: list[Figure] = []
        self._sender: _Sender | None = None
        self._offline = False
        self._sent_at = time.monotonic()
        atexit.register(self.close)

    def params(self, values: Mapping[str, Any]) -> None:
        """Keep the settings of the run."""
        self._run["params"] |= {name: str(value)[:_MAX_PARAM_CHARACTERS] for name, value in values.items()}

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Keep figures measured at a step (an update); what is not finite is left out."""
        now = _now_ms()
        self._figures += [(name, float(value), step, now) for name, value in values.items() if math.isfinite(value)]
        if time.monotonic() - self._sent_at >= _FLUSH_INTERVAL_S:
            self._flush()

    def close(self, status: str = "FINISHED") -> None:
        """Send what is left and end the run as ``FINISHED`` or ``FAILED``. A second call does nothing."""
        if self._run["status"] != "RUNNING":
            return
        atexit.unregister(self.close)
        self._run |= {"status": status, "end": _now_ms()}
        if self._figures or self._run["params"] or self._sender:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close("FAILED" if kind else "FINISHED")

    def _flush(self) -> None:
        if not self._offline:
            try:
                self._sender = self._sender or _Sender(self._root)
                self._sender.send(self._run, self._figures)
                self._figures.clear()
            except SeqlineError as error:
                self._offline = True
                print(f"{error}; figures are kept in {_pending(self._root)} and sent by the next run", file=sys.stderr)
        path = _pending(self._root) / f"{self._run['key']}.json"
        if self._offline or self._run["status"] == "RUNNING":
            write_json(path, {"end": _now_ms(), **self._run, "figures": self._figures})
        else:
            path.unlink(missing_ok=True)
        self._sent_at = time.monotonic()


class _Sender:
    """Sends runs; first those that earlier processes could not send."""

    def __init__(self, root: Path, tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr)) -> None:
        self._client: MlflowClient = connect(root)
        self._root = root
        self._uri = self._client.tracking_uri
        self._experiment = self._answer()
        self._run_ids: dict[str, str] = {}
        self._params_sent: dict[str, set[str]] = {}
        for path in sorted(_pending(root).glob("*.json")):
            try:
                self._send_kept(path)
            except RegistryError as error:
                self._answer()  # raises, where it is not this run's own fault
                tell(f"{error}; the figures in {path} wait on")

    def _answer(self) -> str:
        """The experiment's id, asked of MLflow.

        Raises:
            RegistryError: it does not answer in time.
        """
        with plain_errors(self._uri):
            return experiment_id(self._client, self._root)

    def _send_kept(self, path: Path) -> None:
        try:
            run = read_json(path)
        except (ArtifactError, MissingError):
            return  # damaged, or another process was quicker
        if run["status"] == "RUNNING":
            if _is_alive(run):
                return
            run["status"] = "KILLED"
        self.send(run, run["figures"])
        path.unlink(missing_ok=True)

    def send(self, run: Mapping[str, Any], figures: list[Figure]) -> None:
        """Send a run's settings and figures, and end it where its status says so.

        Raises:
            RegistryError: MLflow does not answer in time or refuses.
        """
        from mlflow.entities import Metric, Param

        with plain_errors(self._uri):
            run_id = self._run_id(run)
            sent = self._params_sent.setdefault(run_id, set())
            params = [Param(name, value) for name, value in run["params"].items() if name not in sent]
            for begin in range(0, len(params), _PARAM_BATCH):
                self._client.log_batch(run_id, params=params[begin : begin + _PARAM_BATCH])
            sent.update(run["params"])
            metrics = [Metric(name, value, at, step) for name, value, step, at in figures]
            for begin in range(0, len(metrics), _BATCH):
                self._client.log_batch(run_id, metrics=metrics[begin : begin + _BATCH])
            if run["status"] != "RUNNING":
                self._client.set_terminated(run_id, run["status"], run["end"])

    def _run_id(self, run: Mapping[str, Any]) -> str:
        """The MLflow run of a key; a run that was begun before the connection broke is found again."""
        key = run["key"]
        if key not in self._run_ids:
            found = self._client.search_runs([self._experiment], f"tags.`{_KEY_TAG}` = '{key}'", max_results=1)
            tags = {_KEY_TAG: key, "model": run["model"], "stage": run["stage"]}
            known = found[0] if found else self._client.create_run(self._experiment, run["start"], tags, run["stage"])
            self._run_ids[key] = known.info.run_id
        return self._run_ids[key]


def _is_alive(run: Mapping[str, Any]) -> bool:
    """Whether the process that began a run is there, and no later one of its number."""
    born = born_s(run["pid"])
    return born is not None and born <= run["start"] / 1000 + 1.0


def _pending(root: Path) -> Path:
    return Workspace(root).state / "pending"


def _now_ms() -> int:
    return int(time.time() * 1000)

"""Servers that are killed and started again."""

import contextlib
import http.client
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import tiny_project


@dataclass
class Service:
    """A server that can be killed and started again on its port."""

    command: list[str]
    root: Path
    env: dict[str, str]
    port: int
    health: str
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self._spawn()
        tiny_project.wait_for(self._answers, timeout_s=240)

    def _spawn(self) -> None:
        with (self.root.parent / "services.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.root, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            self._spawn()  # as whatever looks after it would: one that cannot reach MLflow ends
        try:
            link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            link.request("GET", self.health)
            return link.getresponse().status == 200
        except OSError:
            time.sleep(0.5)
            return False

"""A kill while MLflow makes its database must not leave one that nobody can open."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CONNECT = (
    "import sys; from pathlib import Path; from seqline.adapters.mlflow_client import connect; "
    "print(len(connect(Path(sys.argv[1])).search_experiments(max_results=1)))"
)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}


@pytest.mark.parametrize("share_written", [0.05, 0.5])
def test_killed_while_the_database_is_made_the_next_run_opens_one(tmp_path: Path, share_written: float) -> None:
    victim = subprocess.Popen([sys.executable, "-c", CONNECT, str(tmp_path)], env=_environment())
    while victim.poll() is None and not _bytes_drafted(tmp_path) > share_written * 500_000:
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL, "it was not killed in the middle"
    assert not (tmp_path / "mlflow.db").exists()

    result = subprocess.run(
        [sys.executable, "-c", CONNECT, str(tmp_path)], env=_environment(), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "1\n"


def _bytes_drafted(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob(".mlflow.db.*.partial"))

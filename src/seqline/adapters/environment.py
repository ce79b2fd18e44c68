"""What the tools below read from the environment: their homes inside the project, telemetry off, quiet logs.

Prefect reads its settings when it is imported, so :func:`apply` comes before ``import prefect``. What a user has
set already is kept.
"""

import os
import sys
from pathlib import Path

_LINE = "%(asctime)s | %(message)s"


def settings(root: Path) -> dict[str, str]:
    """The variables for a project, by name."""
    return {
        "PREFECT_HOME": str(root / ".prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_FORMATTERS_STANDARD_FORMAT": _LINE,
        "PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT": _LINE,
        "PREFECT_LOGGING_FORMATTERS_STANDARD_TASK_RUN_FMT": "%(asctime)s | %(task_run_name)s | %(message)s",
        "DO_NOT_TRACK": "true",  # MLflow takes no `1`
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DVC_NO_ANALYTICS": "true",
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def apply(root: Path) -> None:
    """Set every variable that is not set yet, in this process and for its children."""
    for name, value in settings(root).items():
        os.environ.setdefault(name, value)


def for_stage(root: Path) -> dict[str, str]:
    """The environment of a stage's process: ours, with this interpreter's folder first on the path.

    ``dvc.yaml`` says ``python``; without this it could be another one. The shell is fixed because DVC would
    take the user's, whose start-up files may change things.
    """
    folder = str(Path(sys.executable).parent)
    path = os.pathsep.join(part for part in (folder, os.environ.get("PATH", "")) if part)
    fixed = {"PATH": path, "SHELL": "/bin/sh", "PYTHONUNBUFFERED": "1"}
    return {**settings(root), **os.environ, **fixed}

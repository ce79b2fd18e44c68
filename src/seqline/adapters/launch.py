"""Starts a flow of the project's ``flows/`` folder in this process, with a Prefect server or without.

``flows/`` belongs to the project, beside ``dvc.yaml``, and not to the installed package: it is imported from the
project's root, where Prefect's own workers find it too.
"""

import logging
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from seqline.adapters import environment, locks, prefect_server
from seqline.errors import MissingError, SeqlineError
from seqline.workspace import Workspace

_RETRY = re.compile(r"Retry \d+/\d+ will start .*")


def launch(root: Path, name: str, **parameters: Any) -> Any:
    """Run ``flows/NAME.py``'s flow of that name on a project and return what it returns.

    Raises:
        MissingError: the project has no such flow.
        BusyError: another run is at work; this is found out before Prefect is started.
        SeqlineError: what made the flow fail, with its exit code.
    """
    if not (root / "flows" / f"{name}.py").is_file():
        raise MissingError(f"{root / 'flows' / name}.py: no such flow; run in the project's folder")
    locks.ensure_free(Workspace(root).state)
    environment.apply(root)
    temporary = prefect_server.ensure()
    _quieten(without_links=temporary)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    flow = getattr(import_module(f"flows.{name}"), name)
    return flow(root=str(root), **parameters)


def _quieten(*, without_links: bool) -> None:
    """One line per event, where Prefect logs an exception with a traceback and then thrice more.

    A temporary server has no pages, so links to them go too.
    """

    def tidy(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if record.exc_info and isinstance(error := record.exc_info[1], SeqlineError):
            again = _RETRY.search(message)
            record.msg, record.args = f"{error}{f' ({again.group()})' if again else ''}", ()
            record.exc_info = None
            return record.name.endswith("task_runs")  # the flow's own would repeat it
        if message.startswith("Finished in state "):
            record.msg, record.args = message.partition("(")[0], ()
        return not (without_links and message.startswith("View at "))

    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(tidy)

"""Promote the challenger if the gate allows it: `seqline promote` as a Prefect flow.

    python -m flows promote

The flow judges the version that the `register` stage last registered against the champion, on the present test set.
You will see one line with the outcome, and in Prefect's pages a table with every check of the gate.
"""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from seqline import params, promotion
from seqline.adapters import locks
from seqline.workspace import Workspace


@flow(name="promote", log_prints=False)
def promote(root: str = ".") -> str:
    """Judge and, where allowed, promote; returns ``promoted``, ``kept`` or ``unchanged``.

    Raises:
        BusyError: another run is at work on this project.
    """
    work = Workspace(Path(root).resolve())
    with locks.run_lock(work.state) as lease:
        outcome = promotion.promote(work, params.load(work.params), promotion.project_registry(work), lease)
    get_run_logger().info(outcome.summary)
    if outcome.decision:
        checks = [
            {"check": check.name, "passed": check.passed, "detail": check.detail} for check in outcome.decision.checks
        ]
        create_table_artifact(key="gate", table=checks, description=outcome.summary)
    return outcome.action

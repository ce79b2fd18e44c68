"""Look once a day whether live requests drift away from what the champion was trained on.

    python -m flows drift

Reads what `seqline serve --log` noted on the last whole day, in UTC. You will see one line and, in Prefect's pages, a
table of the figures. Where something moved further than params.yaml allows, the event `seqline.quality.dropped` is
emitted, which may start a retraining: docs/operate.md. A day without requests tells nothing and is no failure.
"""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact

from seqline import feedback, params
from seqline.adapters import prefect_events
from seqline.errors import SeqlineError
from seqline.workspace import Workspace


@flow(name="drift", validate_parameters=False)
def drift(root: str = ".", days: int = 1, model: str = "") -> bool:
    """Whether something drifted; ``model`` is what is served, the champion by default.

    Raises:
        MissingError: no server has noted anything yet, or there is no champion.
    """
    work = Workspace(Path(root).resolve())
    settings = params.load(work.params)
    found = feedback.drift(work, settings, days=days, model=model, with_today=False)
    get_run_logger().info(found.summary)
    table = [
        {"": one.name, "trained on": one.before, "live": one.now, "moved": one.moved, "limit": one.limit}
        for one in found.figures
    ]
    create_table_artifact(key="drift", table=table, description=found.summary)
    if found.is_beyond:
        try:
            prefect_events.emit(prefect_events.QUALITY_DROPPED, settings.project.name, {"summary": found.summary})
        except SeqlineError as error:
            get_run_logger().warning(str(error))
    return found.is_beyond

"""Look whether there is anything to retrain for, and tell the server: it starts what waits for that event.

    prefect deploy --all --no-prompt            every ten minutes, as prefect.yaml has it
    python -m flows look                        once, by hand

It runs nothing and changes nothing. A file that was added, changed or removed among the corpora, a source on the
network that the params follow, a new revision of the project (``git pull``: code, params, ``dvc.lock``): each is told
once, as the event ``seqline.data.changed``. While a run is at work it waits for the next time.
"""

from pathlib import Path

from prefect import flow, get_run_logger

from seqline import looking, params
from seqline.adapters import locks, prefect_events
from seqline.errors import BusyError
from seqline.files import read_json, write_json
from seqline.workspace import Workspace


@flow(name="look", validate_parameters=False)
def look(root: str = ".") -> list[str]:
    """Say what changed, and emit the event where that was not told before; returns what is new.

    Raises:
        InputError: params.yaml or dvc.yaml is not valid.
        SeqlineError: the server did not take the event; it is told the next time.
    """
    work, logger = Workspace(Path(root).resolve()), get_run_logger()
    try:
        locks.ensure_free(work.state)
    except BusyError as error:
        logger.info(f"{error}; looking again the next time")
        return []
    found = looking.look(work, tell=logger.warning)
    for change in found.changed:
        logger.info(f"changed: {change}")
    if not found.changed:
        logger.info(f"nothing changed; looked at {found.looked_at}")
        return []
    told, state = work.state / "told.json", looking.state(work, found)
    if told.is_file() and read_json(told) == {"state": state}:
        logger.info("told before; what it started did not mend it, or has not begun yet")
        return []
    name = params.load(work.params).project.name
    prefect_events.emit(prefect_events.DATA_CHANGED, name, {"changed": found.changed, "root": str(work.root)})
    write_json(told, {"state": state})
    return found.changed

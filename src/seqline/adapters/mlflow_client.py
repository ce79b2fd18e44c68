"""One way to reach MLflow: the project's own SQLite file or a server, quiet, without telemetry, with bounded waits."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from seqline.adapters.tracking import tracking_uri
from seqline.errors import MissingError, RegistryError

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "seqline"

_FIXED = {
    "DO_NOT_TRACK": "true",  # MLflow does not understand `1`
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
# MLflow waits 120 s a try, tries eight times, and as long between two as the server says. It repeats also what creates
# something: where only the answer was lost, there would be two versions. Whoever repeats here looks first.
_DEFAULTS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
}


def connect(root: Path) -> "MlflowClient":
    """A client for the tracking store and the registry. The first call of a process imports MLflow (1–2 s).

    Raises:
        RegistryError: the store cannot be opened.
    """
    os.environ.update(_FIXED)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    import logging

    with warnings.catch_warnings(action="ignore"):  # what MLflow warns of is its own inside
        from mlflow import MlflowClient

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    uri = tracking_uri(root)
    with plain_errors(uri):
        path = Path(uri.removeprefix("sqlite:///"))
        if uri.startswith("sqlite:///") and not path.exists():
            _create_database(path)
        return MlflowClient(uri, uri)


def _create_database(path: Path) -> None:
    """Let MLflow make its database beside its place: a kill between two of its migrations would leave it unusable."""
    from mlflow import MlflowClient

    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    draft.unlink(missing_ok=True)
    try:
        MlflowClient(f"sqlite:///{draft}", f"sqlite:///{draft}").search_experiments(max_results=1)
        with suppress(FileExistsError):  # another process was quicker
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def experiment_id(client: "MlflowClient", root: Path) -> str:
    """The project's experiment, made at the first call; local artifacts lie in ``mlartifacts``."""
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(EXPERIMENT)
    if found is None:
        local = client.tracking_uri.startswith("sqlite:")
        place = str((root / "mlartifacts").resolve()) if local else None
        try:
            return client.create_experiment(EXPERIMENT, artifact_location=place)
        except MlflowException:
            found = client.get_experiment_by_name(EXPERIMENT)  # another process was quicker
            if found is None:
                raise
    return str(found.experiment_id)


@contextmanager
def plain_errors(uri: str) -> Iterator[None]:
    """Turn what MLflow, its database or the network raise into one plain line.

    Raises:
        MissingError: what was asked for does not exist.
        RegistryError: anything else.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except MlflowException as error:
        kind = MissingError if error.error_code == "RESOURCE_DOES_NOT_EXIST" else RegistryError
        raise kind(f"MLflow at {uri}: {_first_line(error)}") from None
    except (SQLAlchemyError, OSError) as error:
        raise RegistryError(f"MLflow at {uri}: {_first_line(error)}; check that it is there and not damaged") from None


def _first_line(error: Exception) -> str:
    return f"{error}".split("\n")[0][:300]

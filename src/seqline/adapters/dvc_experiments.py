"""What the experiments of ``dvc exp`` came to."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from seqline.adapters.dvc_graph import open_repository

Metrics = Mapping[str, Any]


def metrics(root: Path, folder: str) -> dict[str, list[Metrics]]:
    """Of each experiment since the last commit, by name, the content of the metrics files in a folder.

    Lists in them are left out, as DVC shows numbers and texts. A file that DVC no longer has is left out too.

    Raises:
        MissingError: no DVC project.
    """
    with open_repository(root) as repository:
        found = repository.experiments.ls()
        names = {commit: name for experiments in found.values() for name, commit in experiments}
        shown = repository.metrics.show(revs=list(names)) if names else {}
    return {names[commit]: _files(shown.get(commit, {}).get("data", {}), folder) for commit in names}


def _files(data: Mapping[str, Any], folder: str) -> list[Metrics]:
    paths = sorted(path for path in data if str(PurePosixPath(path).parent) == folder)
    return [data[path]["data"] for path in paths if "data" in data[path]]

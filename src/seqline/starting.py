"""Where a training starts from: the folder that ``train.start`` means.

What is registered is what is deployed, quantised and without torch. The teacher behind a registered version is known
by its lineage and lies in DVC's cache.
"""

from pathlib import Path
from typing import Any

from seqline import files
from seqline.adapters import dvc_cache
from seqline.errors import ArtifactError, MissingError
from seqline.lineage import trained_on
from seqline.resolving import resolve
from seqline.types import Registry
from seqline.workspace import Workspace

_TEACHER = "models/teacher"


def start_folder(work: Workspace, reference: str, registry: Registry | None = None) -> Path:
    """A model folder, or the teacher of a registered version, checked.

    Raises:
        InputError: the reference is none.
        MissingError: there is no such folder or version, or its teacher is not kept.
        ArtifactError: the model is damaged.
    """
    if reference.startswith("models:"):
        with files.one_at_a_time(work.state / "start.lock"):  # several processes may train together
            return _teacher(work, reference, resolve(work, reference, registry).parent)
    folder = resolve(work, reference)
    if not folder.is_dir():
        raise MissingError(f"train.start: {folder}: no such model folder")
    files.verify(folder)
    return folder


def origin(reference: str, folder: Path) -> dict[str, Any]:
    """What is to be known for ever of a start: its name as given, what it held, and all that it had learnt from."""
    registered = reference.startswith("models:")
    known = trained_on(files.read_json(folder.parent / "lineage.json")) if registered else [None]
    return {"model": reference, "content_hash": files.content_hash(folder), "trained_on": known}


def _teacher(work: Workspace, reference: str, version: Path) -> Path:
    """The teacher's folder beside a version's bundle, copied there the first time."""
    lineage = files.read_json(version / "lineage.json")
    digest = lineage.get("stages", {}).get("train", {}).get("outs", {}).get(_TEACHER)
    if digest is None:
        raise MissingError(f"train.start: {reference}: its lineage names no {_TEACHER}; name a model folder instead")
    folder = version / "teacher"
    if not (folder / files.MANIFEST).is_file():
        with files.staged(folder) as partial:
            dvc_cache.copy_folder(work.root, digest, partial)
            (partial / files.MANIFEST).unlink(missing_ok=True)  # a new one is made
    files.verify(folder)
    if files.content_hash(folder) != lineage.get("models", {}).get("teacher"):
        raise ArtifactError(f"train.start: {reference}: DVC's cache holds another teacher; name a model folder instead")
    return folder

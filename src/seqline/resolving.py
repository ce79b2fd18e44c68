"""From the name of a model to the folder where it lies: ``selected``, ``models:/NAME@ALIAS``, ``models:/NAME/3``."""

import re
import shutil
from pathlib import Path

from seqline import remembering
from seqline.errors import ArtifactError, InputError, MissingError
from seqline.files import content_hash, one_at_a_time, verify
from seqline.remembering import Answer
from seqline.types import Located, Registry, Version
from seqline.workspace import Workspace, is_model_name

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"

_REGISTERED = re.compile(
    r"models:/(?P<name>[a-z0-9][a-z0-9_.-]{0,63})(@(?P<alias>[a-z][a-z0-9_-]{0,63})|/(?P<number>[1-9][0-9]{0,8}))"
)


def resolve(work: Workspace, reference: str, registry: Registry | None = None) -> Path:
    """The folder of a model; a registered version is copied into the cache the first time.

    Args:
        work: the project.
        reference: the name of a model of the graph, a folder, or a registered version; ``""`` is the champion.
        registry: the project's own by default.

    Raises:
        InputError: the reference has not the form ``models:/NAME@ALIAS`` or ``models:/NAME/NUMBER``.
        MissingError: the registry has no such model, version or alias (yet).
        ArtifactError: the registry holds other files than were registered.
    """
    if folder := _folder(work, reference):
        return folder
    uri = _uri(work, reference)
    return _asked(work, uri).folder if registry is None else fetched(work, registry, find(registry, uri))


def locate(work: Workspace, reference: str) -> Located:
    """A model by the same names, with what it is called and what it holds.

    Raises:
        MissingError: there is no such model.
        InputError, ArtifactError: as :func:`resolve`.
    """
    return recalled(work, reference) or _asked(work, _uri(work, reference))


def recalled(work: Workspace, reference: str) -> Located | None:
    """The same, as far as it is known without asking the registry.

    Raises:
        MissingError: there is no such folder.
        InputError: as :func:`resolve`.
    """
    if folder := _folder(work, reference):
        return Located(reference, content_hash(folder), folder)
    return _remembered(work, _uri(work, reference), remembering.stamp(work.root))


def _folder(work: Workspace, reference: str) -> Path | None:
    """The folder that a reference names; None where it names a registered version."""
    if is_model_name(reference) and not (work.root / reference).is_dir():
        return work.model(reference)
    return work.root / reference if reference and not reference.startswith("models:") else None


def _uri(work: Workspace, reference: str) -> str:
    uri = reference or _champion(work)
    _parse(uri)  # a slip is told before MLflow is imported
    return uri


def _champion(work: Workspace) -> str:
    from seqline import params  # a tenth of a second, for whoever names no model

    return f"models:/{params.load(work.params).project.name}@{CHAMPION}"


def _remembered(work: Workspace, uri: str, stamp: str | None) -> Located | None:
    answer = remembering.recall(work, uri, stamp)
    if answer and _is_whole(work.root / answer.folder, answer.content_hash):
        return Located(answer.version, answer.content_hash, work.root / answer.folder)
    return None


def _asked(work: Workspace, uri: str) -> Located:
    """As the project's own registry says, which is asked only if it has changed since the last time."""
    stamp = remembering.stamp(work.root)
    if known := _remembered(work, uri, stamp):
        return known
    registry = project_registry(work)
    version = find(registry, uri)
    bundle, name = fetched(work, registry, version), f"{version.name}/{version.number}"
    located = Located(name, version.tags.get("content_hash", ""), bundle)
    answer = Answer(name, str(bundle.relative_to(work.root)), located.content_hash)
    remembering.remember(work, uri, stamp, answer)
    return located


def project_registry(work: Workspace) -> Registry:
    """The project's MLflow registry. Imports MLflow, which takes a second or two."""
    from seqline.adapters.mlflow_registry import MlflowRegistry

    return MlflowRegistry(work.root)


def find(registry: Registry, uri: str) -> Version:
    """The version that ``models:/NAME@ALIAS`` or ``models:/NAME/NUMBER`` names.

    Raises:
        InputError: the URI has another form.
        MissingError: there is no such model, version or alias.
    """
    name, alias, number = _parse(uri)
    versions = registry.versions(name)
    if not versions:
        raise MissingError(f"{name}: nothing of that name is registered; run `seqline register`")
    for version in versions:
        if alias in version.aliases or str(version.number) == number:
            return version
    known = ", ".join(f"{one.number}{''.join(f' @{alias}' for alias in one.aliases)}" for one in versions)
    if alias == CHAMPION:
        raise MissingError(f"{name}: no champion yet among versions {known}; run `seqline promote`")
    raise MissingError(f"{uri}: no such version; there are {known}")


def _parse(uri: str) -> tuple[str, str | None, str | None]:
    parsed = _REGISTERED.fullmatch(uri)
    if parsed is None:
        raise InputError(f"{uri!r:.120}: not a registered model; write models:/NAME@champion or models:/NAME/3")
    return parsed["name"], parsed["alias"], parsed["number"]


def fetched(work: Workspace, registry: Registry, version: Version) -> Path:
    """A version's bundle, checked, with its ``lineage.json`` beside it. A damaged copy in the cache is made again.

    Raises:
        ArtifactError: what the registry holds is not what was registered.
    """
    expected = version.tags.get("content_hash", "")
    # By content: where a registry is made anew, version 1 is another model.
    folder = work.state / "cache" / f"{version.name}-{expected[:16]}"
    bundle = folder / "bundle"
    if _is_whole(bundle, expected):
        return bundle
    with one_at_a_time(folder.with_name(f".{folder.name}.lock")):
        if not _is_whole(bundle, expected):  # else another process was quicker
            shutil.rmtree(folder, ignore_errors=True)
            bundle = registry.fetch(version.name, version.number, folder)
    if not _is_whole(bundle, expected):
        raise ArtifactError(
            f"{version.name} version {version.number}: the registry's files are not those that were registered; "
            "choose another version, or run `seqline register` again"
        )
    return bundle


def _is_whole(bundle: Path, expected: str) -> bool:
    try:
        verify(bundle)
    except (ArtifactError, MissingError):
        return False
    return content_hash(bundle) == expected

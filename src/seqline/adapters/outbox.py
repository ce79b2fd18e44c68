"""What MLflow did not take waits in ``.seqline/pending`` and is sent by the next run: figures, and whole versions.

A version that could not be registered is copied there with all that goes with it, so that it is not lost when the
next run makes another model before the registry answers again. Sending twice registers once, by content.
"""

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from seqline.adapters import mlflow_tracker
from seqline.adapters.mlflow_registry import MlflowRegistry
from seqline.errors import ArtifactError, MissingError, RegistryError
from seqline.files import disk_faults, fsync, read_json, verify, write_json
from seqline.types import Facts, Registry, Version
from seqline.workspace import Workspace

Tell = Callable[[str], None]


def send(root: Path, tell: Tell) -> None:
    """Send all that waits; where MLflow does not answer within its bounded wait, say so in one line and go on."""
    try:
        if mlflow_tracker.waiting(root):
            mlflow_tracker.send_waiting(root, tell)
        if versions(root):
            _send_versions(root, MlflowRegistry(root), tell)
    except RegistryError as error:
        tell(f"{error}; what waits in {_pending(root)} is sent by the next run")


def versions(root: Path) -> list[Path]:
    """The versions that wait, one folder each, oldest first."""
    return sorted(_pending(root).glob("*/facts.json"), key=lambda path: path.stat().st_mtime_ns)


class WaitingRegistry(Registry):
    """The project's registry; what it does not take is kept for later, and what was kept before is sent first."""

    def __init__(self, root: Path, tell: Tell = lambda line: print(line, file=sys.stderr)) -> None:
        self._root = root
        self._tell = tell
        self._open: MlflowRegistry | None = None

    def register(self, name: str, bundle: Path, facts: Facts) -> Version:
        """Register a bundle, or return the version that already has its content hash.

        Raises:
            RegistryError: the registry does not answer; bundle and facts wait on disk.
            StageError: it does not, and the disk is full, read-only or broken.
        """
        try:
            _send_versions(self._root, self._registry, self._tell)
            return self._registry.register(name, bundle, facts)
        except RegistryError as error:
            kept = _keep(self._root, name, bundle, facts)
            raise RegistryError(f"{error}; the version waits in {kept} and is sent by the next run") from None

    def versions(self, name: str) -> list[Version]:
        """All versions, oldest first."""
        return self._registry.versions(name)

    def resolve(self, name: str, alias: str) -> Version | None:
        """The version an alias points to, or None."""
        return self._registry.resolve(name, alias)

    def set_alias(self, name: str, alias: str, number: int) -> None:
        """Point an alias at a version."""
        self._registry.set_alias(name, alias, number)

    def remove_alias(self, name: str, alias: str) -> None:
        """Remove an alias; nothing happens where it does not exist."""
        self._registry.remove_alias(name, alias)

    def tag(self, name: str, number: int, tags: Mapping[str, str]) -> None:
        """Add tags to a version."""
        self._registry.tag(name, number, tags)

    def retire(self, name: str, number: int) -> None:
        """Remove a version, which must have no alias."""
        self._registry.retire(name, number)

    def fetch(self, name: str, number: int, folder: Path) -> Path:
        """Copy a version's bundle into ``folder`` and return where it lies."""
        return self._registry.fetch(name, number, folder)

    @property
    def _registry(self) -> MlflowRegistry:
        self._open = self._open or MlflowRegistry(self._root)
        return self._open


def _keep(root: Path, name: str, bundle: Path, facts: Facts) -> Path:
    """Copy a version to where it waits; a torn copy has no facts and is made again."""
    folder = _pending(root) / facts.content_hash
    if not (folder / "facts.json").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        with disk_faults(folder):
            (folder / "bundle").mkdir(parents=True)
            for path in bundle.iterdir():
                shutil.copyfile(path, folder / "bundle" / path.name)
                fsync(folder / "bundle" / path.name)
        write_json(
            folder / "facts.json",
            {
                "name": name,
                "kept": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "metrics": dict(facts.metrics),
                "params": {key: str(value) for key, value in facts.params.items()},
                "lineage": facts.lineage,
                "example": facts.example,
                "card": facts.card,
            },
        )
    return folder


def _send_versions(root: Path, registry: Registry, tell: Tell) -> None:
    """Send each; one that is damaged or refused stays where it is, is told, and holds nothing up.

    Raises:
        RegistryError: the registry does not answer, or no longer.
    """
    for path in versions(root):
        try:
            tell(_sent(path, registry))
        except (ArtifactError, MissingError) as error:
            tell(f"{error}; a version that waited to be registered is damaged and is left there")
        except RegistryError as error:
            registry.versions(read_json(path)["name"])  # raises, where it is not this version's own fault
            tell(f"{error}; the version in {path.parent} waits on")


def _sent(path: Path, registry: Registry) -> str:
    known = read_json(path)
    verify(path.parent / "bundle")
    parts = {key: known[key] for key in ("metrics", "params", "lineage", "example", "card")}
    version = registry.register(known["name"], path.parent / "bundle", Facts(path.parent.name, **parts))
    path.unlink()  # first: without it nothing waits, whatever a kill leaves
    shutil.rmtree(path.parent)
    return f"{version.name} version {version.number}: it had waited since {known['kept']} and is registered now"


def _pending(root: Path) -> Path:
    return Workspace(root).state / "pending" / "versions"

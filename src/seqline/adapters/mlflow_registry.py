"""The model registry on MLflow: implements :class:`seqline.types.Registry`.

A version is created by one call that carries all its tags, after everything else has been written. A kill before that
call leaves an unnamed model that nobody sees; a kill after it leaves a complete version. Registering again finds the
version by its content hash.
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from seqline.adapters.mlflow_client import connect, experiment_id, plain_errors
from seqline.adapters.mlflow_package import BUNDLE, description, package
from seqline.errors import InputError
from seqline.types import Facts, Version

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

CONTENT_HASH = "content_hash"
_METRIC = "metric."
_MAX_PARAM_CHARACTERS = 6000  # MLflow refuses longer values
_BATCH = 100  # MLflow refuses more params in one call


class MlflowRegistry:
    """Models in the project's own MLflow, or in the server that ``MLFLOW_TRACKING_URI`` names.

    Every method raises :class:`~seqline.errors.RegistryError` where MLflow does not answer or refuses, and
    :class:`~seqline.errors.MissingError` for a version that does not exist.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._client = connect(root)

    def register(self, name: str, bundle: Path, facts: Facts) -> Version:
        """Register a bundle as a new version, or return the version that already has its content hash."""
        for version in self.versions(name):
            if version.tags.get(CONTENT_HASH) == facts.content_hash:
                return version
        with self._plain():
            experiment = experiment_id(self._client, self._root)
            run_id = self._client.create_run(experiment, run_name=f"register {name}").info.run_id
            self._log(run_id, facts)
            model_id, location = self._upload(bundle, facts, experiment, run_id)
            if not self._exists(name):
                self._client.create_registered_model(name)
            self._client.set_terminated(run_id)  # whoever comes after the next line finds the version and ends nothing
            created = self._client.create_model_version(
                name,
                source=location,
                run_id=run_id,
                tags={CONTENT_HASH: facts.content_hash}
                | {f"{_METRIC}{key}": repr(float(value)) for key, value in facts.metrics.items()},
                description=description(facts.card),
                model_id=model_id,
            )
        return _version(created, ())

    def versions(self, name: str) -> list[Version]:
        """All versions, oldest first; none where nothing of that name was registered."""
        with self._plain():
            if not self._exists(name):
                return []
            aliases = self._client.get_registered_model(name).aliases
            found = self._client.search_model_versions(f"name = '{name}'", max_results=10_000)
        versions = [
            _version(entry, tuple(sorted(alias for alias, number in aliases.items() if number == entry.version)))
            for entry in found
        ]
        return sorted(versions, key=lambda version: version.number)

    def resolve(self, name: str, alias: str) -> Version | None:
        """The version an alias points to, or None."""
        return next((version for version in self.versions(name) if alias in version.aliases), None)

    def set_alias(self, name: str, alias: str, number: int) -> None:
        """Point an alias at a version."""
        with self._plain():
            self._client.set_registered_model_alias(name, alias, str(number))

    def remove_alias(self, name: str, alias: str) -> None:
        """Remove an alias; nothing happens where it does not exist."""
        with self._plain():
            self._client.delete_registered_model_alias(name, alias)

    def tag(self, name: str, number: int, tags: Mapping[str, str]) -> None:
        """Add tags to a version."""
        with self._plain():
            for key, value in tags.items():
                self._client.set_model_version_tag(name, str(number), key, value)

    def fetch(self, name: str, number: int, folder: Path) -> Path:
        """Copy a version's bundle into ``folder``, which is replaced as a whole, and return where it lies.

        ``lineage.json`` is put beside the bundle.
        """
        from mlflow.artifacts import download_artifacts

        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            with self._plain():
                place = self._client.get_model_version_download_uri(name, str(number))
                got = Path(
                    download_artifacts(
                        artifact_uri=place, dst_path=str(partial), tracking_uri=self._client.tracking_uri
                    )
                )
                shutil.rmtree(folder, ignore_errors=True)
                (got / "artifacts").rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return folder / Path(BUNDLE).name

    def retire(self, name: str, number: int) -> None:
        """Remove a version; its run stays, its files lie there until ``mlflow gc``.

        Raises:
            InputError: it has an alias, which MLflow would remove with it.
        """
        with self._plain():
            entry = self._client.get_model_version(name, str(number))
            if entry.aliases:
                raise InputError(f"{name}: version {number} is {', '.join(entry.aliases)}, so it stays")
            # The files first, so that a kill in between leaves a version that is found again.
            found = self._client.search_logged_models(
                [experiment_id(self._client, self._root)], f"source_run_id = '{entry.run_id}'"
            )
            for model in found:
                self._client.delete_logged_model(model.model_id)
            self._client.delete_model_version(name, str(number))

    def _log(self, run_id: str, facts: Facts) -> None:
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        metrics = [Metric(key, float(value), now, 0) for key, value in facts.metrics.items()]
        params = [Param(key, str(value)[:_MAX_PARAM_CHARACTERS]) for key, value in facts.params.items()]
        for begin in range(0, max(len(metrics), len(params)), _BATCH):
            part = slice(begin, begin + _BATCH)
            self._client.log_batch(run_id, metrics=metrics[part], params=params[part])

    def _upload(self, bundle: Path, facts: Facts, experiment: str, run_id: str) -> tuple[str, str]:
        """The id of a new logged model, and where its files lie."""
        model = self._client.create_logged_model(experiment, name="bundle", source_run_id=run_id)
        with TemporaryDirectory() as scratch:
            folder = Path(scratch) / "model"
            package(folder, bundle, facts, run_id=run_id, model_id=model.model_id)
            self._client.log_model_artifacts(model.model_id, str(folder))
        self._client.finalize_logged_model(model.model_id, "READY")
        return str(model.model_id), str(model.artifact_location)

    def _exists(self, name: str) -> bool:
        return bool(self._client.search_registered_models(f"name = '{name}'", max_results=1))

    @contextmanager
    def _plain(self) -> Iterator[None]:
        with plain_errors(self._client.tracking_uri):
            yield


def _version(entry: "ModelVersion", aliases: tuple[str, ...]) -> Version:
    tags: dict[str, Any] = dict(entry.tags)
    metrics = {key.removeprefix(_METRIC): float(value) for key, value in tags.items() if key.startswith(_METRIC)}
    return Version(entry.name, int(entry.version), aliases, tags, metrics)

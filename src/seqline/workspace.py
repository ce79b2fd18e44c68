"""Where everything of a project lies."""

import re
from dataclasses import dataclass
from pathlib import Path

from seqline.errors import InputError

SELECTED = "selected"
"""The model that is shipped."""
_NAME = re.compile("[a-z][a-z0-9-]{0,63}")


def is_model_name(name: str) -> bool:
    """Whether a model may be called so."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class Workspace:
    """Every path of a project, below one root. ``dvc.yaml`` names the same ones."""

    root: Path

    @property
    def params(self) -> Path:
        """The tunables."""
        return self.root / "params.yaml"

    @property
    def raw(self) -> Path:
        """``NAME.SPLIT.parquet`` per corpus and split (line, source, target, label) and the manifest."""
        return self.root / "data" / "raw"

    @property
    def clean(self) -> Path:
        """``train``, ``dropped``, ``dev`` and ``test`` as Parquet."""
        return self.root / "data" / "clean"

    @property
    def tokenized(self) -> Path:
        """``source.model``, ``target.model`` and the memory-mapped ids of train and dev."""
        return self.root / "data" / "tokenized"

    @property
    def synthetic(self) -> Path:
        """The teacher's translations of the training sources, tied to them by id."""
        return self.root / "data" / "synthetic"

    def model(self, name: str) -> Path:
        """The folder of a model: teacher, student, what is pruned and quantised, and ``selected``.

        Raises:
            InputError: it is no name of a model.
        """
        if not is_model_name(name):
            raise InputError(f"{name!r}: no name of a model; there are {', '.join(self.models()) or 'none yet'}")
        return self.root / "models" / name

    def models(self) -> list[str]:
        """The names of all models that are there."""
        return sorted(path.name for path in (self.root / "models").glob("*") if (path / "manifest.json").is_file())

    @property
    def reports(self) -> Path:
        """Metrics, curves, pictures and the page."""
        return self.root / "reports"

    @property
    def state(self) -> Path:
        """What is not tracked: checkpoints, downloads, locks, timings."""
        return self.root / ".seqline"

    @property
    def pins(self) -> Path:
        """What was downloaded, by URL: sum, size, date. Meant to be committed."""
        return self.root / "corpora.lock.json"

    @property
    def downloads(self) -> Path:
        """Files from the network, kept so that adding a corpus fetches that corpus only."""
        return self.state / "downloads"

    @property
    def traffic(self) -> Path:
        """What `seqline serve --log` noted of each request, a file a day."""
        return self.state / "traffic"

    @property
    def shadow(self) -> Path:
        """What `seqline serve --shadow` had a challenger translate too, a file a day."""
        return self.state / "shadow"

    def unpacked(self, name: str) -> Path:
        """Where members of an archive lie while they are read."""
        return self.state / "unpacked" / name

    def checkpoints(self, stage: str) -> Path:
        """Where a stage keeps what it needs to go on after a kill."""
        return self.state / "checkpoints" / stage

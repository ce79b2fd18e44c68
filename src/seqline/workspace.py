"""Where everything of a project lies."""

from dataclasses import dataclass
from pathlib import Path

from seqline.errors import InputError

MODELS = ("teacher", "student", "pruned", "quantized")


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
        """The folder of a model: teacher, student, pruned or quantized.

        Raises:
            InputError: there is no model of that name.
        """
        if name not in MODELS:
            raise InputError(f"{name!r}: no such model; choose one of {', '.join(MODELS)}")
        return self.root / "models" / name

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

    def unpacked(self, name: str) -> Path:
        """Where members of an archive lie while they are read."""
        return self.state / "unpacked" / name

    def checkpoints(self, stage: str) -> Path:
        """Where a stage keeps what it needs to go on after a kill."""
        return self.state / "checkpoints" / stage

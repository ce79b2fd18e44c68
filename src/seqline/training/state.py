"""Everything that a training run needs to go on as if it had never stopped."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from torch import Tensor

from seqline import files
from seqline.errors import ArtifactError
from seqline.models.base import EncoderDecoder
from seqline.params.modelling import Optimisation
from seqline.training import checkpoint
from seqline.training.average import LastWeights, MovingAverage, Weights, copied, set_weights
from seqline.training.gradient import Gradient
from seqline.training.machine import Machine
from seqline.training.optimiser import Optimisers
from seqline.training.peers import Peers
from seqline.training.zeros import Zeros


@dataclass
class Progress:
    """How far a run is. ``batch`` counts the batches of the epoch's ``pool`` that are done; the rest is yet to come.

    ``num_pieces`` target pieces took ``seconds``; ``num_labels`` are those since the last validation.
    ``rewinds`` counts how often a loss was not finite, ``splits`` how often memory ran out.
    """

    update: int = 0
    epoch: int = 0
    pool: int = 0
    batch: int = 0
    num_pieces: int = 0
    seconds: float = 0.0
    best_chrf: float = -1.0
    stale_validations: int = 0
    loss_sum: float = 0.0
    num_labels: int = 0
    rewinds: int = 0
    splits: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)


@dataclass
class TrainingState:
    """Model, optimiser, averaged, last and best weights, the progress, and the weights that must stay zero."""

    model: EncoderDecoder
    optimisers: Optimisers
    gradient: Gradient
    average: MovingAverage
    last: LastWeights
    best: Weights
    progress: Progress
    machine: Machine
    peers: Peers
    zeros: Zeros = field(default_factory=Zeros.none)

    @classmethod
    def begin(cls, model: EncoderDecoder, settings: Optimisation, machine: Machine, peers: Peers) -> Self:
        """The state before the first update."""
        return cls(
            model,
            Optimisers.of(model, settings),
            Gradient(model, settings, machine, peers),
            MovingAverage(model, settings.average_decay),
            LastWeights(settings.average_last),
            copied(model),
            Progress(),
            machine,
            peers,
        )

    def save(self, folder: Path, fingerprint: Mapping[str, Any]) -> None:
        """Write a checkpoint in place of the last one. All processes take part; the first one writes."""
        self.progress.splits = self.gradient.splits
        tensors = {f"optimiser.{name}": value for name, value in self.optimisers.tensors().items()}
        for group, weights in self._groups().items():
            tensors |= {f"{group}.{i}": weight.detach() for i, weight in enumerate(weights)}
        for name, state in self.machine.random_state().items():
            tensors |= {f"random.{name}.{rank}": value for rank, value in enumerate(self.peers.gather(state))}
        if self.peers.is_first:
            checkpoint.write(folder, tensors, {"fingerprint": fingerprint, "progress": asdict(self.progress)})
        self.peers.wait()

    def restore(self, folder: Path, fingerprint: Mapping[str, Any]) -> bool:
        """Go back to the last checkpoint; False when there is none.

        Raises:
            MismatchError: the checkpoint was made with another fingerprint; names what differs.
            ArtifactError: the folder is there and holds no whole checkpoint; it is left as it is.
        """
        if self.peers.is_first:
            files.heal(folder)
        self.peers.wait()
        if not folder.exists():
            return False
        tensors, found = checkpoint.read(folder, fingerprint)
        if set(found) != {item.name for item in fields(Progress)}:
            raise ArtifactError(f"{folder}: not a checkpoint of this version; delete the folder to start afresh")
        self.progress = Progress(**found)
        self.gradient.splits = self.progress.splits
        num_kept = len({name.split(".")[1] for name in tensors if name.startswith("last.")})
        self.last.kept = [copied(self.model) for _ in range(num_kept)]
        for group, weights in self._groups().items():
            checkpoint.take(folder, tensors, group, weights)
        prefix = "optimiser."
        self.optimisers.load({name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)})
        random = {name: tensors.get(f"random.{name}.{self.peers.rank}") for name in self.machine.random_state()}
        self.machine.set_random_state({name: state for name, state in random.items() if state is not None})
        return True

    def keep_as_best(self, weights: Weights) -> None:
        """Remember weights as the best ones so far."""
        for kept, weight in zip(self.best, weights, strict=True):
            kept.copy_(weight)

    def load_best(self) -> None:
        """Give the model the best weights seen."""
        set_weights(self.model, self.best)

    def _groups(self) -> dict[str, list[Tensor]]:
        last = {f"last.{number}": weights for number, weights in enumerate(self.last.kept)}
        return {"model": list(self.model.parameters()), "average": self.average.weights, "best": self.best, **last}

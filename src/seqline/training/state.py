"""Everything that a training run needs to go on as if it had never stopped.

A checkpoint is a finished folder of files (written atomically): tensors in ``state.safetensors``, the rest in
``state.json``. No pickle.
"""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from seqline import files
from seqline.errors import ArtifactError, MismatchError
from seqline.models.base import EncoderDecoder
from seqline.training.optimiser import Average, set_weights


@dataclass
class Progress:
    """How far a run is. ``batch`` counts the batches of ``epoch`` that are done."""

    update: int = 0
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    best_update: int = 0
    best_chrf: float = -1.0
    stale_validations: int = 0
    loss_sum: float = 0.0
    num_labels: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)


@dataclass
class TrainingState:
    """Model, optimiser, averaged and best weights, and the progress."""

    model: EncoderDecoder
    optimiser: torch.optim.AdamW
    average: Average
    best: list[Tensor]
    progress: Progress

    def save(self, folder: Path, fingerprint: dict[str, Any]) -> None:
        """Write a checkpoint in place of the last one."""
        tensors = {"random": torch.get_rng_state()}
        for group, weights in self._groups().items():
            tensors |= {f"{group}.{i}": weight.detach() for i, weight in enumerate(weights)}
        for i, values in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{i}.{name}": value for name, value in values.items()}
        with files.staged(folder) as partial:
            save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial / "state.safetensors")
            files.write_json(partial / "state.json", {"fingerprint": fingerprint, "progress": asdict(self.progress)})

    def restore(self, folder: Path, fingerprint: dict[str, Any]) -> bool:
        """Go back to the last checkpoint; False when there is none.

        Raises:
            MismatchError: the checkpoint belongs to other data, params or code; names what differs.
            ArtifactError: the checkpoint is damaged.
        """
        files.heal(folder)
        if not (folder / files.MANIFEST).is_file():
            return False
        files.verify(folder)
        content = files.read_json(folder / "state.json")
        _check_fingerprint(folder, content["fingerprint"], fingerprint)
        tensors = load_file(folder / "state.safetensors")
        for group, weights in self._groups().items():
            for i, weight in enumerate(weights):
                weight.data.copy_(tensors[f"{group}.{i}"])
        self._restore_optimiser(tensors)
        torch.set_rng_state(tensors["random"])
        if set(content["progress"]) != {item.name for item in fields(Progress)}:
            raise ArtifactError(f"{folder / 'state.json'}: not a checkpoint of this version; delete the folder")
        self.progress = Progress(**content["progress"])
        return True

    def keep_as_best(self) -> None:
        """Remember the averaged weights of now."""
        for kept, weight in zip(self.best, self.average.weights, strict=True):
            kept.copy_(weight)

    def load_best(self) -> None:
        """Give the model the best weights seen."""
        set_weights(self.model, self.best)

    def _groups(self) -> dict[str, list[Tensor]]:
        return {"model": list(self.model.parameters()), "average": self.average.weights, "best": self.best}

    def _restore_optimiser(self, tensors: dict[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimiser."):
                _, i, key = name.split(".")
                state.setdefault(int(i), {})[key] = tensor
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": state})


def _check_fingerprint(folder: Path, found: dict[str, Any], expected: dict[str, Any]) -> None:
    differing = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
    if differing:
        raise MismatchError(
            f"{folder}: the checkpoint was made with another {', '.join(differing)}; delete the folder to start afresh"
        )

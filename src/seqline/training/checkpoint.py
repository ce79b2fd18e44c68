"""The files of a checkpoint: tensors in ``state.safetensors``, the rest in ``state.json``. No pickle.

A checkpoint is a finished folder (seqline.files): it is written atomically and checked before it is read.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from seqline import files
from seqline.errors import ArtifactError, MismatchError, MissingError

_TENSORS, _REST = "state.safetensors", "state.json"
_AFRESH = "delete the folder to start afresh"


def write(folder: Path, tensors: Mapping[str, Tensor], rest: Mapping[str, Any]) -> None:
    """Write a checkpoint in place of the last one."""
    with files.staged(folder) as partial:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial / _TENSORS)
        files.write_json(partial / _REST, rest)


def read(folder: Path, fingerprint: Mapping[str, Any]) -> tuple[dict[str, Tensor], Any]:
    """The tensors, and the progress.

    Raises:
        MismatchError: it was made with another fingerprint; names every entry that differs.
        ArtifactError: it is truncated, altered, or something else.
    """
    try:
        files.verify(folder)
        content = files.read_json(folder / _REST)
        tensors = load_file(folder / _TENSORS)
    except (ArtifactError, MissingError, SafetensorError, OSError) as error:
        reason = str(error).split("; ")[0].split("\n")[0]
        raise ArtifactError(f"{folder}: the checkpoint is damaged or none ({reason}); {_AFRESH}") from None
    if not isinstance(content, dict) or not isinstance(content.get("fingerprint"), dict):
        raise ArtifactError(f"{folder / _REST}: not a checkpoint; {_AFRESH}")
    _check(folder, content["fingerprint"], json.loads(json.dumps(fingerprint)))
    return tensors, content.get("progress")


def take(folder: Path, tensors: Mapping[str, Tensor], group: str, weights: Sequence[Tensor]) -> None:
    """Copy the tensors ``GROUP.0``, ``GROUP.1``, … into weights.

    Raises:
        MismatchError: one is absent or of another shape; names both shapes.
    """
    for i, weight in enumerate(weights):
        found = tensors.get(f"{group}.{i}")
        if found is None or found.shape != weight.shape:
            shape = "absent" if found is None else f"of shape {tuple(found.shape)}"
            raise MismatchError(f"{folder}: {group}.{i} is {shape}, the model's is {tuple(weight.shape)}; {_AFRESH}")
        weight.data.copy_(found)


def _check(folder: Path, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    differing = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
    if differing:
        raise MismatchError(f"{folder}: the checkpoint was made with another {', '.join(differing)}; {_AFRESH}")

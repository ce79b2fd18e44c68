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


def read(folder: Path, fingerprint: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors, and the progress.

    Raises:
        MismatchError: it was made with another fingerprint; names every entry that differs.
        ArtifactError: it is truncated, altered, or something else.
    """
    try:
        files.verify(folder)
        found, progress = outline(folder)
        tensors = load_file(folder / _TENSORS)
    except (ArtifactError, MissingError, SafetensorError, OSError) as error:
        reason = str(error).split("; ")[0].split("\n")[0]
        raise ArtifactError(f"{folder}: the checkpoint is damaged or none ({reason}); {_AFRESH}") from None
    if changed := differing(found, fingerprint):
        raise MismatchError(f"{folder}: the checkpoint was made with another {', '.join(changed)}; {_AFRESH}")
    return tensors, progress


def outline(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fingerprint and the progress, as they are written there.

    Raises:
        MissingError, ArtifactError: there is no checkpoint.
    """
    match files.read_json(folder / _REST):
        case {"fingerprint": dict(fingerprint), "progress": dict(progress)}:
            return fingerprint, progress
    raise ArtifactError(f"{folder / _REST}: not a checkpoint")


def differing(found: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The entries of two fingerprints that are not the same, by name: what was found and what was expected."""
    expected = json.loads(json.dumps(expected))
    pairs = {key: (found.get(key), expected.get(key)) for key in sorted(found.keys() | expected.keys())}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


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

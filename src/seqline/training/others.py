"""Checkpoints of the same stage that a run does not go on from, because they were made with other params or data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqline import files
from seqline.errors import ArtifactError, MissingError
from seqline.training import checkpoint

_MOST_NAMED = 4
_MOST_CHARACTERS = 40
"""Of a value that is shown; hashes are longer."""


def left_alone(folder: Path, fingerprint: Mapping[str, Any]) -> str | None:
    """In words: the newest checkpoint beside ``folder``, where there is one, its update and what differs in it."""
    manifests = [path for path in folder.parent.glob(f"*/{files.MANIFEST}") if not path.parent.name.startswith(".")]
    for path in sorted(manifests, key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            found, progress = checkpoint.outline(path.parent)
        except (ArtifactError, MissingError):
            continue
        differences = [_said(key, *pair) for key, pair in checkpoint.differing(found, fingerprint).items()]
        rest = len(differences) - _MOST_NAMED
        told = ", ".join(differences[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        return (
            f"starts afresh; the checkpoint in {path.parent}, at update {progress.get('update')}, was made with other "
            f"params or data ({told}) and is left alone"
        )
    return None


def _said(key: str, was: object, now: object) -> str:
    longest = max(len(str(was)), len(str(now)))
    return key if longest > _MOST_CHARACTERS else f"{key}: {was} → {now}"

"""Reads a folder that a stage made earlier from DVC's cache, by the hash that ``dvc.lock`` and a lineage know it by."""

import json
import re
import shutil
from pathlib import Path, PurePosixPath

from seqline.errors import ArtifactError, MissingError

_FOLDER = re.compile(r"[0-9a-f]{32}\.dir")
_FILE = re.compile(r"[0-9a-f]{32}")


def copy_folder(root: Path, digest: str, target: Path) -> None:
    """Copy the folder with that hash (``….dir``) out of the project's cache; ``target`` must not exist.

    Raises:
        MissingError: the cache does not hold it (any more).
        ArtifactError: it is no folder's hash, or the cache's list of its files is damaged.
    """
    if not _FOLDER.fullmatch(digest):
        raise ArtifactError(f"{digest!r:.80}: not the hash of a folder in DVC's cache")
    listing = _place(root, digest)
    try:
        files = [(str(entry["md5"]), PurePosixPath(entry["relpath"])) for entry in json.loads(listing.read_bytes())]
    except (ValueError, TypeError, KeyError):
        raise ArtifactError(f"{listing}: not a list of files; remove it and run `dvc fetch`") from None
    if any(not _FILE.fullmatch(md5) or path.is_absolute() or ".." in path.parts for md5, path in files):
        raise ArtifactError(f"{listing}: names files outside of its folder; remove it and run `dvc fetch`")
    for md5, path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_place(root, md5), target / path)


def _place(root: Path, digest: str) -> Path:
    path = root / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]
    if not path.is_file():
        raise MissingError(f"{path}: not in DVC's cache; run `dvc fetch --run-cache`, or name a folder instead")
    return path

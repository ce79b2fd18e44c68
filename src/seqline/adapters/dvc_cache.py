"""Reads a folder that a stage made earlier from DVC's cache, by the hash that ``dvc.lock`` and a lineage know it by."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

from seqline.adapters import environment
from seqline.errors import ArtifactError, MissingError

_FOLDER = re.compile(r"[0-9a-f]{32}\.dir")
_FILE = re.compile(r"[0-9a-f]{32}")


def copy_folder(root: Path, digest: str, target: Path) -> None:
    """Copy the folder with that hash (``….dir``) out of the project's cache, which it may share with others.

    ``target`` must not exist, or be empty.

    Raises:
        MissingError: the cache does not hold it (any more).
        ArtifactError: it is no folder's hash, or the cache's list of its files is damaged.
    """
    for path, place in _listed(cache_folder(root), digest).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_found(place), target / path)


def member(root: Path, digest: str, name: str) -> Path:
    """Where the cache holds one file of the folder with that hash, to be read and never written.

    Raises:
        MissingError, ArtifactError: as :func:`copy_folder`.
    """
    files = _listed(cache_folder(root), digest)
    if PurePosixPath(name) not in files:
        raise MissingError(f"{digest}: no {name} in that folder")
    return _found(files[PurePosixPath(name)])


def cache_folder(root: Path) -> Path:
    """Where DVC keeps what the project's stages made: ``cache.dir`` of its settings, else ``.dvc/cache``."""
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    asked = subprocess.run(command, cwd=root, env=environment.for_stage(root), capture_output=True, text=True)
    told = asked.stdout.strip()
    return root / told if asked.returncode == 0 and told else root / ".dvc" / "cache"


def _listed(cache: Path, digest: str) -> dict[PurePosixPath, Path]:
    """The files of a folder, each with its place in the cache."""
    if not _FOLDER.fullmatch(digest):
        raise ArtifactError(f"{digest!r:.80}: not the hash of a folder in DVC's cache")
    listing = _found(_place(cache, digest))
    try:
        files = {PurePosixPath(entry["relpath"]): str(entry["md5"]) for entry in json.loads(listing.read_bytes())}
    except (ValueError, TypeError, KeyError):
        raise ArtifactError(f"{listing}: not a list of files; remove it and run `dvc fetch`") from None
    if any(not _FILE.fullmatch(md5) or path.is_absolute() or ".." in path.parts for path, md5 in files.items()):
        raise ArtifactError(f"{listing}: names files outside of its folder; remove it and run `dvc fetch`")
    return {path: _place(cache, md5) for path, md5 in files.items()}


def _place(cache: Path, digest: str) -> Path:
    return cache / "files" / "md5" / digest[:2] / digest[2:]


def _found(path: Path) -> Path:
    if not path.is_file():
        raise MissingError(f"{path}: not in DVC's cache; run `dvc fetch --run-cache`, or name a folder instead")
    return path

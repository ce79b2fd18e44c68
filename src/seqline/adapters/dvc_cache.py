"""What stages made earlier: read from DVC's cache, by the hashes of ``dvc.lock``, and brought there from a remote."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from seqline.adapters import environment
from seqline.errors import ArtifactError, MissingError

_FOLDER = re.compile(r"[0-9a-f]{32}\.dir")
_FILE = re.compile(r"[0-9a-f]{32}")
_FETCH_S = 1800.0


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


def fetch(root: Path, stages: Sequence[str], tell: Callable[[str], None]) -> None:
    """Bring what ``dvc.lock`` names of these stages into the cache, from the default remote, if the project has one.

    What does not come is made anew, so a failure is one line for ``tell``.
    """
    if not stages or not _dvc(root, "config", "core.remote").stdout.strip():
        return
    try:
        done = _dvc(root, "fetch", *stages, timeout_s=_FETCH_S)
    except subprocess.TimeoutExpired:
        tell(f"dvc fetch: not done after {_FETCH_S:g} s; what is missing is made anew")
        return
    if done.returncode:
        said = [line.removeprefix("ERROR: ") for line in done.stderr.split("\n") if line.startswith("ERROR: ")]
        tell(f"dvc fetch: {said[-1] if said else 'it failed'}; what is missing is made anew")


def cache_folder(root: Path) -> Path:
    """Where DVC keeps what the project's stages made: ``cache.dir`` of its settings, else ``.dvc/cache``."""
    asked = _dvc(root, "cache", "dir")
    told = asked.stdout.strip()
    return root / told if asked.returncode == 0 and told else root / ".dvc" / "cache"


def _dvc(root: Path, *arguments: str, timeout_s: float | None = None) -> "subprocess.CompletedProcess[str]":
    command, env = [sys.executable, "-m", "dvc", *arguments], environment.for_stage(root)
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=timeout_s, check=False)


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

"""Atomic, verified files: the one seam through which every artifact is written and read.

A stage fills a *staged* folder beside its target. When it is complete, each file is synced and hashed,
``manifest.json`` is written last, and the folder takes the target's place by a rename. A reader therefore
sees the old output, the new output or none: never a mixture. No manifest, no output.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from seqline.errors import ArtifactError, MissingError, StageError

MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 20
_DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def fsync(path: Path) -> None:
    """Force a file's, or a folder's, content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_lock(file: IO[Any]) -> bool:
    """Lock an open file against all other processes, until it is closed; False: one of them holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other process or thread is in such a block of the same file, which is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def disk_faults(target: Path) -> Iterator[None]:
    """Say what was being written where the disk is full, read-only or broken, since the system itself names no file.

    Raises:
        StageError: it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_FAULTS:
            raise
        reason = f"{target}: cannot be written ({os.strerror(error.errno)})"
        raise StageError(f"{reason}; earlier outputs are as they were: make room, then run again") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that it holds its old content or all of the new one.

    Raises:
        StageError: the disk is full, read-only or broken.
    """
    with writing(path) as stream:
        stream.write(data)


def put(partial: Path, target: Path) -> None:
    """Make a file that is complete take its place in the same folder: ``target`` is the old file or the new one.

    Raises:
        StageError: the disk is full, read-only or broken.
    """
    with disk_faults(target):
        fsync(partial)
        os.replace(partial, target)
        fsync(target.parent)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A stream into a file that keeps its old content until the block ends without an error, then holds the new one.

    Raises:
        StageError: the disk is full, read-only or broken.
    """
    partial = path.with_name(f".{path.name}.partial")
    with disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as stream:
                yield stream
            put(partial, path)
        finally:
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write a JSON document atomically; keys keep their order, NaN is refused."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON document.

    Raises:
        MissingError: the file does not exist.
        ArtifactError: the file is not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise MissingError(f"{path}: no such file") from None
    except ValueError as error:
        raise ArtifactError(f"{path}: not valid JSON ({error}); delete it and run the stage again") from None


@contextmanager
def staged(target: Path, **facts: Any) -> Iterator[Path]:
    """Yield an empty folder that becomes ``target`` when the block ends without an error.

    ``facts`` are kept in the manifest beside the hash of each file. On an error the folder is removed and
    ``target`` stays as it was.

    Raises:
        StageError: the disk is full, read-only or broken.
    """
    folder, previous = _beside(target, "partial"), _beside(target, "previous")
    with disk_faults(target):
        heal(target)
        folder.mkdir(parents=True)
        try:
            yield folder
            _seal(folder, facts)
            if target.exists():
                os.replace(target, previous)
            os.replace(folder, target)
            fsync(target.parent)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            heal(target)
            raise
        shutil.rmtree(previous, ignore_errors=True)


def heal(target: Path) -> None:
    """Undo what a killed :func:`staged` left: bring the previous output back, drop the partial one."""
    previous = _beside(target, "previous")
    if previous.exists() and not target.exists():
        os.replace(previous, target)
    shutil.rmtree(previous, ignore_errors=True)
    shutil.rmtree(_beside(target, "partial"), ignore_errors=True)


def discard(target: Path) -> None:
    """Delete a finished output that is no longer needed: a killed run leaves all of it, or what :func:`heal` drops."""
    partial = _beside(target, "partial")
    os.replace(target, partial)
    shutil.rmtree(partial)


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished output folder.

    Raises:
        MissingError: the folder has no manifest, so the output is not there.
    """
    if not (folder / MANIFEST).is_file():
        raise MissingError(f"{folder}: no finished output there (no {MANIFEST}); run the stage that makes it")
    content = read_json(folder / MANIFEST)
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise ArtifactError(f"{folder / MANIFEST}: not a manifest; delete the folder and run its stage again")
    return content


def verify(folder: Path) -> dict[str, Any]:
    """Check every file of a finished output against its manifest, and return the manifest.

    Raises:
        MissingError: there is no manifest.
        ArtifactError: a file is absent or its hash differs.
    """
    content = manifest(folder)
    for name, expected in content["files"].items():
        path = folder / name
        if not path.is_file():
            raise ArtifactError(f"{path}: named in {MANIFEST} but absent; run the stage that makes it again")
        if sha256(path) != expected:
            raise ArtifactError(f"{path}: content differs from {MANIFEST} (damaged or edited); run its stage again")
    return content


def content_hash(folder: Path) -> str:
    """One SHA-256 over the names and hashes of a finished output's files: the identity of its content."""
    return fingerprint(manifest(folder)["files"])


def fingerprint(value: Any) -> str:
    """SHA-256 of a JSON-like value; equal values have equal fingerprints."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def content_bytes(folder: Path) -> int:
    """Bytes on disk of what a finished output holds, without its manifest."""
    return sum((folder / name).stat().st_size for name in manifest(folder)["files"])


def _seal(folder: Path, facts: dict[str, Any]) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        fsync(path)
    hashes = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    write_json(folder / MANIFEST, {**facts, "files": hashes})


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(f".{target.name}.{suffix}")

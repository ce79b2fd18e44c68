"""Bundles packed for the disk and the way to it: the large files as gzip (RFC 1952), each under its name and ``.gz``.

int8 weights hardly shrink unless many of them are zero; ``gunzip *.gz`` gives what CTranslate2 itself opens.
"""

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

from seqline.errors import ArtifactError

_ENDING = ".gz"
_LEVEL = 9
_LEAST_BYTES = 4096
_MOST_BYTES = 1 << 32


def pack(folder: Path) -> None:
    """Pack the files of a folder where it is; equal files become equal bytes."""
    for path in sorted(folder.iterdir()):
        if path.stat().st_size >= _LEAST_BYTES:
            path.with_name(path.name + _ENDING).write_bytes(gzip.compress(path.read_bytes(), _LEVEL, mtime=0))
            path.unlink()


def unpacked(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The content of every file of a packed bundle by its name before packing; nothing of a bundle that is not packed.

    Raises:
        ArtifactError: a file is no gzip, is cut short, or holds more than four GiB.
    """
    names = list(names)
    if not any(name.endswith(_ENDING) for name in names):
        return {}
    return {name.removesuffix(_ENDING): _content(folder / name) for name in names}


def _content(path: Path) -> bytes:
    if path.suffix != _ENDING:
        return path.read_bytes()
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = inflater.decompress(path.read_bytes(), _MOST_BYTES)
    except zlib.error as error:
        raise ArtifactError(f"{path}: not gzip ({error}); run `quantize` again") from None
    if not inflater.eof:
        raise ArtifactError(f"{path}: cut short, or more than {_MOST_BYTES >> 30} GiB; run `quantize` again")
    return content

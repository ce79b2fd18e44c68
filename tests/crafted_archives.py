"""Archives for tests, harmless and hostile: what no honest tool would write is written here by hand."""

import io
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

from raw_corpora import COMPRESSIONS

CONTENT = b"".join(b"line %d of a file, %x\n" % (number, number**5) for number in range(400))
GOOD = "en-zh/good.en"
SYMLINK, FIFO, DEVICE, SOCKET = stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK


def tar_member(name: str, data: bytes = CONTENT, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """One member with its padding: name, type and link as they are given, safe or not."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(data)
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape") + data + bytes(-len(data) % 512)


def tar_header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A header alone, which declares a size that nothing backs."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def tar(*members: bytes) -> bytes:
    """Members and the zeros that end an archive."""
    return b"".join(members) + bytes(1024)


def zipped(*members: tuple[str, bytes] | tuple[str, bytes, int], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name, content[, Unix file type]) as they are given, safe or not."""
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", method) as bundle:
        warnings.simplefilter("ignore", UserWarning)  # "Duplicate name": meant
        for name, data, *kind in members:
            info = zipfile.ZipInfo("placeholder")
            info.filename, info.compress_type = name, method
            info.external_attr = (kind[0] if kind else stat.S_IFREG) << 16
            bundle.writestr(info, data)
    return stream.getvalue()


def encrypted(archive: bytes) -> bytes:
    """The same zip with the flag of its last member set, in its own header and in the directory."""
    data = bytearray(archive)
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[archive.rindex(signature) + flags] |= 1
    return bytes(data)


def _zip_of(files: dict[str, bytes]) -> bytes:
    return zipped(*files.items())


def _tar_of(files: dict[str, bytes]) -> bytes:
    return tar(*(tar_member(name, data) for name, data in files.items()))


def _packed_tar(pack: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], bytes]:
    return lambda files: pack(_tar_of(files))


KINDS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": _zip_of,
    "tar": _tar_of,
    **{f"tar in {how}": _packed_tar(pack) for how, pack in COMPRESSIONS.items()},
}


def write(folder: Path, data: bytes) -> Path:
    """An archive by a name that tells nothing."""
    path = folder / "archive.bin"
    path.write_bytes(data)
    return path

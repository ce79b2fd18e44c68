"""The ``.part`` file: what has come of a download, and what tells whether the rest still belongs to it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from seqline import files
from seqline.errors import SeqlineError
from seqline.fetching.hops import plain

_CHUNK_BYTES = 1 << 20
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True)
class Version:
    """What a server says about the content behind a URL, in its own words; empty, or None: it does not say."""

    final_url: str
    etag: str
    last_modified: str
    total_bytes: int | None

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str]) -> "Version":
        """The version that an answer with a whole body describes."""
        length = headers.get("Content-Length", "")
        total = int(length) if length.isascii() and length.isdigit() and "Transfer-Encoding" not in headers else None
        return cls(plain(url), headers.get("ETag", ""), headers.get("Last-Modified", ""), total)

    @property
    def validator(self) -> str:
        """What makes a range conditional; a weak ETag does not promise the same bytes."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


class Part:
    """A file on its way: the bytes that came, their running SHA-256, and the version that they are of.

    It survives a kill: the version lies beside it as JSON, written before the first byte.
    """

    def __init__(self, path: Path, url: str) -> None:
        self.path, self.url = path, url
        self.version: Version | None = None
        self.resumed = False
        self._sidecar = path.with_name(f"{path.name}.json")
        self._read()

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of all that came."""
        return self._digest.hexdigest()

    @property
    def is_whole(self) -> bool:
        """Whether all that was announced is there."""
        return self.version is not None and self.version.total_bytes == self.size > 0

    def wish(self) -> dict[str, str]:
        """Headers that ask for the rest, if the content is still the same, or (none) for the whole."""
        if self.size and self.version and self.version.validator:
            return {"Range": f"bytes={self.size}-", "If-Range": self.version.validator}
        return {}

    def goes_on_with(self, headers: Mapping[str, str]) -> bool:
        """Whether a partial answer begins where this ends and is of the same version."""
        found = _RANGE.fullmatch(headers.get("Content-Range", ""))
        if self.version is None or found is None:
            return False
        start, _, total = map(int, found.groups())
        same_etag = headers.get("ETag", self.version.etag) == self.version.etag
        same_date = headers.get("Last-Modified", self.version.last_modified) == self.version.last_modified
        return start == self.size and self.version.total_bytes in (None, total) and same_etag and same_date

    def start(self, version: Version) -> None:
        """Begin from zero with this version."""
        self.discard()
        self.version = version
        self.path.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(self._sidecar, {"url": self.url, "version": asdict(version)})

    def append(self, data: bytes) -> None:
        """Count and sum bytes that were just written."""
        self.size += len(data)
        self._digest.update(data)

    def discard(self) -> None:
        """Forget all of it, on the disk too."""
        self._reset()
        for path in (self.path, self._sidecar):
            path.unlink(missing_ok=True)

    def settle(self, target: Path) -> None:
        """Become the file at ``target``, which is the whole one or the old one, at any moment."""
        files.put(self.path, target)
        self._sidecar.unlink(missing_ok=True)

    def first_bytes(self, count: int) -> bytes:
        """How it begins."""
        with self.path.open("rb") as stream:
            return stream.read(count)

    def _reset(self) -> None:
        self.version, self.resumed, self.size, self._digest = None, False, 0, hashlib.sha256()

    def _read(self) -> None:
        """Take up what an earlier run left; what does not fit together is dropped."""
        self._reset()
        try:
            known = files.read_json(self._sidecar)
            if known["url"] != self.url:
                raise ValueError
            self.version = Version(**known["version"])
            with self.path.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    self.append(chunk)
        except (SeqlineError, OSError, ValueError, TypeError, KeyError):
            self.discard()
        self.resumed = self.size > 0

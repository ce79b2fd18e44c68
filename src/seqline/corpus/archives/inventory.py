"""What an archive may hold. One member that breaks a rule condemns the whole archive."""

import re
import unicodedata
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from seqline.corpus.opening import MAX_RATIO, RATIO_FLOOR_BYTES
from seqline.errors import CorpusError

Chunks = Generator[bytes, None, None]
Contents = Generator[tuple[str, Chunks], None, None]
"""Members with their bytes; to be closed, because the archive stays open until then."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold; folders count as members, and ``max_ratio`` is ours, not the archive's."""

    max_bytes: int = 256 << 30
    """Of all members together, unpacked."""
    max_ratio: int = MAX_RATIO
    """Unpacked to packed, once that is more than :data:`~seqline.corpus.opening.RATIO_FLOOR_BYTES`."""
    max_members: int = 100_000
    max_name_length: int = 200
    """UTF-8 bytes; file systems take 255, some of which the temporary name needs."""


@dataclass(frozen=True)
class Member:
    """One entry as the archive declares it; ``fault`` says what makes it unwelcome whatever its name."""

    raw_name: str
    size_bytes: int = 0
    is_folder: bool = False
    fault: str = ""

    @property
    def name(self) -> str:
        """The name without ``.`` parts and doubled slashes: ``./a//b`` is ``a/b``."""
        return str(PurePosixPath(self.raw_name))


def judged(archive: Path, members: Iterable[Member], limits: Limits) -> list[Member]:
    """Every member, once all have been found harmless.

    Raises:
        CorpusError: a member is no plain file or folder, is encrypted, has an unsafe name, stands for the same file as
            another, or the archive exceeds the limits; see :func:`unsafe` for names.
    """
    kept, seen, budget = list[Member](), _Places(), _Budget(limits, archive.stat().st_size)
    for member in members:
        if fault := member.fault or unsafe(member.raw_name, limits) or seen.clash(member) or budget.exceeded(member):
            raise CorpusError(f"{archive}: refused, nothing was unpacked: {member.raw_name[:200]!r} {fault}")
        kept.append(member)
    return kept


def unsafe(name: str, limits: Limits) -> str:
    """What is wrong with a name; nothing for one that stays below any folder on any system."""
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in name):
        return "has invisible or undecodable characters in its name"
    if len(name.encode()) > limits.max_name_length:
        return f"has a name longer than {limits.max_name_length} bytes"
    if not name:
        return "has no name"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "has an absolute name"
    if "\\" in name:
        return "has a backslash in its name"
    if ".." in name.split("/"):
        return "leaves the folder it is unpacked into"
    return ""


@dataclass
class _Places:
    """Where members would lie on a file system that knows neither case nor Unicode forms."""

    files: set[PurePosixPath] = field(default_factory=set)
    folders: set[PurePosixPath] = field(default_factory=set)

    def clash(self, member: Member) -> str:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", member.name).casefold())
        place = PurePosixPath(folded)
        if place in self.files or (place in self.folders and not member.is_folder):
            return "stands in the archive twice (but for case and Unicode form)"
        if any(parent in self.files for parent in place.parents):
            return "lies below a file"
        self.folders.update(place.parents)
        (self.folders if member.is_folder else self.files).add(place)
        return ""


@dataclass
class _Budget:
    """What is left of the limits."""

    limits: Limits
    archive_bytes: int
    members: int = 0
    total_bytes: int = 0

    def exceeded(self, member: Member) -> str:
        self.members += 1
        self.total_bytes += member.size_bytes
        if self.members > self.limits.max_members:
            return f"is one member more than the limit of {self.limits.max_members:,}"
        if self.total_bytes > self.limits.max_bytes:
            return f"unpacks beyond the limit of {self.limits.max_bytes:,} bytes"
        if self.total_bytes > max(RATIO_FLOOR_BYTES, self.limits.max_ratio * self.archive_bytes):
            return f"unpacks beyond {self.limits.max_ratio} times the size of the archive: a decompression bomb"
        return ""

"""What a registered name stood for when it was last asked, for as long as the project's own registry is as it was.

Asking imports MLflow, which takes ten times as long as translating a line. A registry on a server is always asked.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from seqline.adapters.tracking import tracking_uri
from seqline.errors import ArtifactError, MissingError
from seqline.files import read_json, write_json
from seqline.workspace import Workspace

_CHANGES = slice(24, 28)
"""Where SQLite counts the transactions that changed a database (its file format, section 1.3.7)."""


@dataclass(frozen=True)
class Answer:
    """The version, its folder below the project's root, and the content that it must have."""

    version: str
    folder: str
    content_hash: str


def stamp(root: Path) -> str | None:
    """A text that changes whenever the registry does; None where nobody can tell but the registry."""
    uri = tracking_uri(root)
    database = Path(uri.removeprefix("sqlite:///"))
    log = database.with_name(f"{database.name}-wal")  # where there is one, the newest changes stand there
    if not uri.startswith("sqlite:///") or not database.is_file() or log.exists():
        return None
    with database.open("rb") as file:
        changes = file.read(_CHANGES.stop)[_CHANGES]
    facts = database.stat()
    return f"{database} {facts.st_ino} {facts.st_size} {facts.st_mtime_ns} {changes.hex()}"


def recall(work: Workspace, uri: str, stamp: str | None) -> Answer | None:
    """What the name stood for, if the registry has the same stamp as then."""
    with suppress(MissingError, ArtifactError, KeyError, TypeError):
        known = read_json(_path(work))
        if stamp is not None and known["stamp"] == stamp:
            return Answer(**known["answers"][uri])
    return None


def remember(work: Workspace, uri: str, stamp: str | None, answer: Answer) -> None:
    """Keep an answer beside those of the same stamp; where nothing can be written, nothing is kept."""
    if stamp is None:
        return
    answers: dict[str, dict[str, str]] = {}
    with suppress(MissingError, ArtifactError, KeyError, TypeError):
        known = read_json(_path(work))
        answers = known["answers"] if known["stamp"] == stamp else {}
    with suppress(OSError):
        write_json(_path(work), {"stamp": stamp, "answers": {**answers, uri: asdict(answer)}})


def _path(work: Workspace) -> Path:
    return work.state / "cache" / "resolved.json"

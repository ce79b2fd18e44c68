"""How long each stage took when it last ran: the rough durations of ``seqline plan``."""

from pathlib import Path

from seqline import files
from seqline.errors import SeqlineError
from seqline.workspace import Workspace


def read(root: Path) -> dict[str, float]:
    """Seconds by stage; empty where nothing is known. A damaged file is nothing worth an error."""
    try:
        content = files.read_json(_path(root))
    except SeqlineError:
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: float(seconds) for name, seconds in content.items() if isinstance(seconds, int | float)}


def remember(root: Path, stage: str, seconds: float) -> None:
    """Keep how long a stage took. Of two calls at the same moment one may be lost."""
    files.write_json(_path(root), {**read(root), stage: round(seconds, 1)})


def _path(root: Path) -> Path:
    return Workspace(root).state / "timings.json"

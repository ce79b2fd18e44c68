"""Stand-in until the real one is merged: zip only, nothing is judged."""

from collections.abc import Collection
from pathlib import Path
from zipfile import ZipFile


def members(archive: Path) -> list[str]:
    """Names of the files."""
    with ZipFile(archive) as bundle:
        return [info.filename for info in bundle.infolist() if not info.is_dir()]


def unpack(archive: Path, wanted: Collection[str], into: Path) -> dict[str, Path]:
    """Write the wanted files below ``into``."""
    with ZipFile(archive) as bundle:
        return {name: Path(bundle.extract(name, into)) for name in wanted}

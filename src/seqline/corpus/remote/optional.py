"""Packages that only one kind of corpus needs."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from seqline.errors import MissingError

_INSTALL: Final = {
    "datasets": "datasets",
    # By name, because mtdata asks for an older rich than Seqline needs, and works with the newer one.
    "mtdata": "--no-deps mtdata portalocker pybtex latexcodec",
}


def require(package: str, kind: str) -> None:
    """Check that a package is installed, without importing it.

    Raises:
        MissingError: it is not; the message says how to install it.
    """
    if find_spec(package) is None:
        command = f"pip install {_INSTALL.get(package, package)}"
        raise MissingError(f"a corpus of kind {kind} needs the package {package}: {command}")


def load(package: str, kind: str) -> Any:
    """Import a package.

    Raises:
        MissingError: it is not installed.
    """
    require(package, kind)
    return import_module(package)

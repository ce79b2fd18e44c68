"""Packages that only one kind of corpus needs."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from seqline.errors import MissingError


def require(package: str, kind: str) -> None:
    """Check that a package is installed, without importing it.

    Raises:
        MissingError: it is not; the message says how to install it.
    """
    if find_spec(package) is None:
        raise MissingError(f"a corpus of kind {kind} needs the package {package}: pip install {package}")


def load(package: str, kind: str) -> Any:
    """Import a package.

    Raises:
        MissingError: it is not installed.
    """
    require(package, kind)
    return import_module(package)

"""Params as YAML: read, written, and one laid over another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def read(path: Path) -> dict[str, Any]:
    """The content of a file."""
    with path.open(encoding="utf-8") as stream:
        content: dict[str, Any] = YAML(typ="safe", pure=True).load(stream)
    return content


def write(content: Mapping[str, Any], path: Path) -> None:
    """Replace a file."""
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(dict(content), stream)


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with the values of ``over``, block by block."""
    both = {
        key: merged(base[key], value) if isinstance(value, Mapping) and isinstance(base.get(key), Mapping) else value
        for key, value in over.items()
    }
    return {**base, **both}

"""Ready sets of parameters: ``profiles/phrasebook.yaml`` is the base; the others name what differs from it, or from the
profile that they name as ``extends``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from seqline.errors import MissingError, ParamsError
from seqline.files import write_bytes
from seqline.params import load
from seqline.workspace import Workspace

BASE = "phrasebook"
_BASE_DESCRIPTION = "The embedded English → Chinese phrasebook, needs no files; the base of every other profile"


@dataclass(frozen=True)
class Profile:
    """A ready parameter file: its name, the first sentence of its comment, and whether params.yaml equals it."""

    name: str
    description: str
    active: bool


def profiles(work: Workspace) -> list[Profile]:
    """Every profile of the project, the base first.

    Raises:
        MissingError: the project has no profiles.
    """
    current = work.params.read_bytes() if work.params.is_file() else b""
    return [Profile(name, _description(work, name), render(work, name) == current) for name in _names(work)]


def render(work: Workspace, name: str) -> bytes:
    """The whole parameter file of a profile; the base is given byte for byte, comments and all.

    Raises:
        MissingError: there is no such profile.
        ParamsError: the profile is not YAML, names a block that the base does not have, or extends itself.
    """
    if name not in _names(work):
        raise MissingError(f"{name!r}: no such profile; choose one of {', '.join(_names(work))}")
    if name == BASE:
        return _file(work, BASE).read_bytes()
    return _header(name, _description(work, name)) + _dump(_content(work, name, ()))


def switch(work: Workspace, name: str) -> Path | None:
    """Make a profile the project's params.yaml, and say where a params.yaml that was no profile is kept.

    The profile is checked before anything is written.

    Raises:
        MissingError: there is no such profile.
        ParamsError: the profile does not make valid parameters.
    """
    content = render(work, name)
    _check(work, name, content)
    kept = None
    if work.params.is_file() and not any(profile.active for profile in profiles(work)):
        kept = work.params.with_name("params.yaml.bak")
        write_bytes(kept, work.params.read_bytes())
    write_bytes(work.params, content)
    return kept


def _check(work: Workspace, name: str, content: bytes) -> None:
    scratch = work.state / f"{name}.yaml"
    write_bytes(scratch, content)
    try:
        load(scratch)
    except ParamsError as error:
        raise ParamsError(f"{_file(work, name)}{str(error).removeprefix(str(scratch))}") from None
    finally:
        scratch.unlink()


def _content(work: Workspace, name: str, extending: tuple[str, ...]) -> Any:
    """A profile merged into the one that it extends; ``extending`` are those that extend it."""
    path = _file(work, name)
    if name == BASE:
        return _parse(path)
    if name in extending or name not in _names(work):
        raise ParamsError(f"{_file(work, extending[-1])}: extends {name!r}, which is no other profile")
    override = _parse(path)
    extended = override.pop("extends", BASE) if isinstance(override, dict) else BASE
    base = _content(work, extended, (*extending, name))
    _merge(base, override, path, "")
    return base


def _names(work: Workspace) -> list[str]:
    names = sorted(path.stem for path in (work.root / "profiles").glob("*.yaml"))
    if BASE not in names:
        raise MissingError(f"{work.root / 'profiles' / BASE}.yaml: no such file; run in the project's folder")
    return [BASE, *(name for name in names if name != BASE)]


def _file(work: Workspace, name: str) -> Path:
    return work.root / "profiles" / f"{name}.yaml"


def _description(work: Workspace, name: str) -> str:
    """The first sentence of a profile's comment."""
    if name == BASE:
        return _BASE_DESCRIPTION
    first = _file(work, name).read_text(encoding="utf-8").split("\n", 1)[0]
    return first.removeprefix("#").strip().split(". ")[0].rstrip(".") if first.startswith("#") else ""


def _header(name: str, description: str) -> bytes:
    return f"# Profile {name}: {description}.\n".encode()


def _merge(base: Any, override: Any, path: Path, where: str) -> None:
    """Put ``override`` into ``base``: blocks key by key; lists, blocks that were null and all else as a whole."""
    if not isinstance(override, Mapping):
        raise ParamsError(f"{path}: expected blocks such as `train:`, found {type(override).__name__}")
    for key, value in override.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping):
            _merge(base[key], value, path, f"{where}{key}.")
        elif isinstance(value, Mapping) and base.get(key, ...) is not None:
            raise ParamsError(f"{path}: {where}{key}: the base profile has no such block")
        else:
            base[key] = value


def _parse(path: Path) -> Any:
    try:
        return _yaml().load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise ParamsError(f"{path}: not valid YAML ({str(error).split(chr(10))[0]})") from None


def _dump(content: Any) -> bytes:
    stream = StringIO()
    _yaml().dump(content, stream)
    lines = [line for line in stream.getvalue().split("\n") if line.strip()]
    # ruamel ties a blank line to the value before it, so merging moves blank lines about.
    return re.sub(r"\n(?=[a-z_]+:)", "\n\n", "\n".join(lines) + "\n").encode()


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(
        type(None), lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml

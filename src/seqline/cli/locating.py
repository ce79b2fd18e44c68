"""``seqline where``, and where a model lies for a server that keeps asking."""

import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json
from seqline.errors import InputError, RegistryError, SeqlineError

if TYPE_CHECKING:
    from seqline.types import Located
    from seqline.workspace import Workspace

_LOOK_UP_S = _ASK_AGAIN_S = 60.0


def where(
    model: Annotated[
        str, typer.Argument(help="A name, a folder, or an MLflow URI; without it: the champion.", show_default=False)
    ] = "",
    as_json: Json = False,
) -> None:
    """Print the folder of a model; a registered version is fetched and checked first.

    Example: [bold]ls $(seqline where models:/phrasebook-en-zh@champion)[/bold]
    """
    from seqline.resolving import locate

    found = locate(workspace(), model)
    if as_json:
        print_json({"version": found.version, "content_hash": found.content_hash, "folder": str(found.folder)})
    else:
        print(found.folder)


class Lookout:
    """Asked again and again where a model lies; while the registry is as it was, it is not asked again.

    That it knows no such model is an answer, too. Where it gave none, it is asked again after a minute.
    """

    def __init__(self, work: "Workspace", reference: str) -> None:
        self._work, self._reference = work, reference
        self._is_registered = not reference or reference.startswith("models:")
        self._known: tuple[str, Located | SeqlineError, float] | None = None

    def __call__(self) -> "Located":
        """Where it lies now."""
        from seqline.remembering import stamp

        now = stamp(self._work.root) if self._is_registered else None
        if now is None:
            return _located(self._work, self._reference)
        if self._known is None or self._known[0] != now or time.monotonic() > self._known[2]:
            self._known = (now, *self._asked())
        found = self._known[1]
        if isinstance(found, SeqlineError):
            raise found
        return found

    def _asked(self) -> "tuple[Located | SeqlineError, float]":
        """What the registry says, and until when that holds if it does not change."""
        try:
            return _located(self._work, self._reference), math.inf
        except InputError as error:
            return error, math.inf
        except SeqlineError as error:
            return error, time.monotonic() + _ASK_AGAIN_S


def _located(work: "Workspace", reference: str) -> "Located":
    """Where the model lies now. MLflow is asked in a process of its own: it is large, and would stay."""
    from seqline.resolving import recalled
    from seqline.types import Located

    if known := recalled(work, reference):
        return known
    command = [sys.executable, "-m", "seqline", "where", "--json", *([reference] if reference else [])]
    try:
        asked = subprocess.run(command, cwd=work.root, capture_output=True, text=True, timeout=_LOOK_UP_S)
    except subprocess.TimeoutExpired:
        raise RegistryError(f"the registry has not answered within {_LOOK_UP_S:g} s") from None
    if asked.returncode:
        reason = asked.stderr.strip().split("\n")[-1].removeprefix("seqline: ")
        raise InputError(reason) if asked.returncode == InputError.exit_code else RegistryError(reason)
    found = json.loads(asked.stdout)
    return Located(found["version"], found["content_hash"], Path(found["folder"]))

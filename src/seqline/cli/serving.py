"""``seqline serve`` and ``seqline where``: the model over HTTP, and where it lies."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from seqline.cli.opening import Model, Threads, workspace
from seqline.cli.output import Json, print_json
from seqline.errors import ArtifactError, InputError, RegistryError

if TYPE_CHECKING:
    from seqline.server.exchange import Observer
    from seqline.server.served import Deployed, Follower
    from seqline.types import Located
    from seqline.workspace import Workspace

_LIMITS = "Limits"
_LIVE = "Live requests"
_LOOK_UP_S = 60.0


def serve(
    model: Model = "",
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 is all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen at; 0: any that is free.", min=0, max=65535)] = 8000,
    threads: Threads = 0,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name under which the server may be called, besides this machine's own; repeatable."),
    ] = None,
    follow: Annotated[
        float, typer.Option(help="Seconds between looks for another champion; 0: serve what there is now.", min=0.0)
    ] = 2.0,
    log: Annotated[
        bool,
        typer.Option(
            "--log",
            help="Note of each line its length, language and score, for `seqline drift`; no text.",
            rich_help_panel=_LIVE,
        ),
    ] = False,
    shadow: Annotated[
        str,
        typer.Option(
            help="A model, such as models:/NAME@challenger, that translates a share of the requests too, for "
            "`seqline shadow`. Their texts are kept.",
            show_default=False,
            rich_help_panel=_LIVE,
        ),
    ] = "",
    shadow_share: Annotated[float, typer.Option(help="Of the requests.", min=0, max=1, rich_help_panel=_LIVE)] = 0.1,
    keep_days: Annotated[int, typer.Option(help="What is older is deleted.", min=1, rich_help_panel=_LIVE)] = 30,
    max_lines: Annotated[int, typer.Option(help="Of a request.", min=1, rich_help_panel=_LIMITS)] = 1000,
    max_characters: Annotated[int, typer.Option(help="Of a line.", min=1, rich_help_panel=_LIMITS)] = 5000,
    max_bytes: Annotated[int, typer.Option(help="Of a request.", min=1, rich_help_panel=_LIMITS)] = 1_000_000,
    max_seconds: Annotated[float, typer.Option(help="Of an answer.", min=0.01, rich_help_panel=_LIMITS)] = 30.0,
    max_waiting: Annotated[
        int, typer.Option(help="Lines of all requests that may wait.", min=1, rich_help_panel=_LIMITS)
    ] = 4096,
) -> None:
    """Translate over HTTP: POST /translate; GET /healthz, /readyz, /version, /metrics; /docs shows how to ask.

    Without --model the project's champion is served, and whichever version becomes champion later: no restart, no
    request lost. Ctrl-C or SIGTERM ends it after the requests at hand.

    Example: [bold]seqline serve --port 8080[/bold], then
    [bold]curl -s localhost:8080/translate --json '{"lines": ["I like tea."]}'[/bold]
    """
    import uvicorn

    from seqline.server.app import build
    from seqline.server.guard import LOOPBACK
    from seqline.server.journal import Journal
    from seqline.server.limits import Limits
    from seqline.server.served import Served, followed
    from seqline.server.shadow import Shadow
    from seqline.server.traffic import Traffic

    work, cores = workspace(), threads or os.cpu_count() or 1
    limits = Limits(
        body_bytes=max_bytes,
        lines=max_lines,
        line_characters=max_characters,
        answer_s=max_seconds,
        waiting_lines=max(max_waiting, max_lines),
    )
    served = Served(_Lookout(work, model), lambda folder: _opened(folder, cores), threads=cores, limits=limits)
    print(f"seqline: serving {served.located.version} with {cores} threads", file=sys.stderr, flush=True)
    observers: list[Observer] = []
    followers: list[Follower] = [served]
    if log:
        traffic = Traffic(Journal(work.traffic, keep_days=keep_days), served.count_pieces)
        observers.append(traffic)
        followers.append(traffic)
    if shadow:
        journal = Journal(work.shadow, keep_days=keep_days)
        beside = Shadow(_Lookout(work, shadow), lambda folder: _opened(folder, 1), journal, share=shadow_share)
        observers.append(beside)
        followers.append(beside)
    app = build(served, limits, hosts=[*LOOPBACK, host, *(allow_host or [])], observers=observers)
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, server_header=False, timeout_graceful_shutdown=30
    )
    signal.signal(signal.SIGTERM, _end)  # uvicorn, when it is done, raises again what ended it
    with suppress(_TerminatedError), followed(followers, follow):
        uvicorn.Server(config).run()


class _TerminatedError(BaseException):
    """SIGTERM has ended the server in good order."""


def _end(*_: object) -> NoReturn:
    raise _TerminatedError


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


class _Lookout:
    """Says where the model lies now; while the registry is as it was, without hashing the model again."""

    def __init__(self, work: "Workspace", reference: str) -> None:
        self._work, self._reference = work, reference
        self._is_registered = not reference or reference.startswith("models:")
        self._known: tuple[str, Located] | None = None

    def __call__(self) -> "Located":
        from seqline.remembering import stamp

        now = stamp(self._work.root) if self._is_registered else None
        if now is not None and self._known is not None and self._known[0] == now:
            return self._known[1]
        located = _located(self._work, self._reference)
        self._known = None if now is None else (now, located)
        return located


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


def _opened(folder: Path, threads: int) -> "Deployed":
    from seqline.serving.bundle import Bundle

    if not (folder / "seqline.json").is_file():
        raise ArtifactError(f"{folder}: only a deployable model is served; name one such as selected")
    return Bundle.open(folder, threads=threads)

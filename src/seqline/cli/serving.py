"""``seqline serve``: the model over HTTP."""

import math
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from seqline.cli.locating import Lookout
from seqline.cli.opening import Model, Threads, workspace
from seqline.errors import ArtifactError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

    from seqline.server.exchange import Observer
    from seqline.server.limits import Limits
    from seqline.server.served import Deployed, Served
    from seqline.workspace import Workspace

_LIMITS = "Limits"
_LIVE = "Live requests"

Host = Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 is all of this machine's.")]
Port = Annotated[int, typer.Option(help="The port to listen at; 0: any that is free.", min=0, max=65535)]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host", help="A name under which the server may be called, besides this machine's own; repeatable."
    ),
]
Interval = Annotated[
    float, typer.Option(help="Seconds between looks for another champion; 0: serve what there is now.", min=0.0)
]
Log = Annotated[
    bool,
    typer.Option(
        "--log",
        help="Note of each line its length, language and score, for `seqline drift`; no text.",
        envvar="SEQLINE_LOG",
        rich_help_panel=_LIVE,
    ),
]
Challenger = Annotated[
    str,
    typer.Option(
        help="A model, such as models:/NAME@challenger, that translates a share of the requests too, for "
        "`seqline shadow`. Their texts are kept.",
        show_default=False,
        rich_help_panel=_LIVE,
    ),
]
Share = Annotated[float, typer.Option(help="Of the requests.", min=0, max=1, rich_help_panel=_LIVE)]
Days = Annotated[int, typer.Option(help="What is older is deleted.", min=1, rich_help_panel=_LIVE)]
Lines = Annotated[int, typer.Option(help="Of a request.", min=1, rich_help_panel=_LIMITS)]
Characters = Annotated[int, typer.Option(help="Of a line.", min=1, rich_help_panel=_LIMITS)]
Bytes = Annotated[int, typer.Option(help="Of a request.", min=1, rich_help_panel=_LIMITS)]
Seconds = Annotated[float, typer.Option(help="Of an answer.", min=0.01, rich_help_panel=_LIMITS)]
Waiting = Annotated[
    int, typer.Option(help="Lines: while so many wait, no request is taken.", min=1, rich_help_panel=_LIMITS)
]


def serve(
    model: Model = "",
    host: Host = "127.0.0.1",
    port: Port = 8000,
    threads: Threads = 0,
    allow_host: AllowedHosts = None,
    follow: Interval = 2.0,
    log: Log = False,
    shadow: Challenger = "",
    shadow_share: Share = 0.1,
    keep_days: Days = 30,
    max_lines: Lines = 1000,
    max_characters: Characters = 5000,
    max_bytes: Bytes = 1_000_000,
    max_seconds: Seconds = 30.0,
    max_waiting: Waiting = 4096,
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
    from seqline.server.limits import Limits
    from seqline.server.served import Served, repeated

    work, cores = workspace(), threads or os.cpu_count() or 1
    limits = Limits(
        body_bytes=max_bytes,
        lines=max_lines,
        line_characters=max_characters,
        answer_s=max_seconds,
        waiting_lines=max_waiting,
    )
    served = Served(Lookout(work, model), lambda folder: _opened(folder, cores), threads=cores, limits=limits)
    print(f"seqline: serving {served.located.version} with {cores} threads", file=sys.stderr, flush=True)
    kept = _Kept(log, shadow, shadow_share, keep_days)
    with closing(served), _watched(served, work, kept) as watch:
        hosts = [*LOOPBACK, host, *(allow_host or [])]
        app = build(served, limits, hosts=hosts, observers=watch.observers, let_go=watch.let_go)
        signal.signal(signal.SIGTERM, _end)  # uvicorn, when it is done, raises again what ended it
        with suppress(_TerminatedError), repeated([served.refresh, *watch.refreshes], follow):
            uvicorn.Server(_config(app, host, port, limits)).run()


def _config(app: "ASGIApp", host: str, port: int, limits: "Limits") -> "uvicorn.Config":
    import uvicorn

    from seqline.server.connection import Connection

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(limits.body_s + limits.answer_s),
        http=Connection,
        ws="none",
        loop="asyncio",  # uvloop lets in one connection a turn: in a flood nobody new is heard for seconds
    )


@dataclass(frozen=True)
class _Kept:
    """What is kept of live requests."""

    log: bool
    challenger: str
    share: float
    days: int


@dataclass(frozen=True)
class _Watch:
    """Who is told of every request, what they want done from time to time, and counts of what they had to leave."""

    observers: "list[Observer]" = field(default_factory=list)
    refreshes: list[Callable[[], None]] = field(default_factory=list)
    let_go: dict[str, Callable[[], int]] = field(default_factory=dict)


@contextmanager
def _watched(served: "Served", work: "Workspace", kept: _Kept) -> Iterator[_Watch]:
    """Who watches; they finish at the end.

    Raises:
        InputError: there is no such challenger, and no registry that may come to know it.
    """
    from seqline.server.journal import Journal
    from seqline.server.shadow import Shadow
    from seqline.server.traffic import Traffic

    watch = _Watch()
    with ExitStack() as stack:
        if kept.log:
            traffic = Journal(work.traffic, keep_days=kept.days)
            watch.let_go["log"] = lambda: traffic.num_lost
            watch.observers.append(stack.enter_context(closing(Traffic(traffic, served.count_pieces))))
        if kept.challenger:
            locate = Lookout(work, kept.challenger)
            if not kept.challenger.startswith("models:"):
                locate()
            journal = Journal(work.shadow, keep_days=kept.days)
            beside = Shadow(locate, lambda folder: _opened(folder, 1), journal, share=kept.share)
            watch.let_go.update(shadow_log=lambda: journal.num_lost, shadow=lambda: beside.num_skipped)
            watch.observers.append(stack.enter_context(closing(beside)))
            watch.refreshes.append(beside.refresh)
        yield watch


class _TerminatedError(BaseException):
    """SIGTERM has ended the server in good order."""


def _end(*_: object) -> NoReturn:
    raise _TerminatedError


def _opened(folder: Path, threads: int) -> "Deployed":
    from seqline.serving.bundle import Bundle

    if not (folder / "seqline.json").is_file():
        raise ArtifactError(f"{folder}: only a deployable model is served; name one such as selected")
    return Bundle.open(folder, threads=threads)

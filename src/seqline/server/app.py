"""The HTTP application: translate, and what operators and monitors ask."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from importlib.metadata import version as version_of
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp

from seqline.server.batcher import Answer, ClosedError, FailedError, FullError, Options
from seqline.server.exchange import Exchange, Observer
from seqline.server.guard import RETRY_AFTER_S, Guard
from seqline.server.limits import Limits
from seqline.server.measures import Measures
from seqline.server.room import Room
from seqline.server.saying import say
from seqline.server.schemas import Present, Problem, Ready, Translations, Wanted, encoded, wanted_within
from seqline.server.served import Served

_VERSION = version_of("seqline")
_LONG_CHARACTERS = 20_000
"""Of the translations that are encoded aside, so that the loop, and with it health, need not wait."""
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is no text"},
    403: {"model": Problem, "description": "Called by a name that is not this server's"},
    408: {"model": Problem, "description": "The body did not arrive in time"},
    413: {"model": Problem, "description": "The body is too long"},
    422: {"model": Problem, "description": "Not a request of this form"},
    500: {"model": Problem, "description": "The model could not translate these lines"},
    503: {
        "model": Problem,
        "description": "Too much waits already, or the answer took too long",
        "headers": {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}},
    },
}


def build(
    served: Served,
    limits: Limits,
    *,
    hosts: Collection[str],
    observers: Sequence[Observer] = (),
    let_go: Mapping[str, Callable[[], int]] | None = None,
) -> ASGIApp:
    """The application, which answers under these names and tells the observers of every exchange.

    ``let_go`` counts, for /metrics, what observers had no time or room for.
    """
    measures, room = Measures(served, let_go or {}), Room(limits, lambda: served.num_waiting)
    app = FastAPI(
        title="Seqline",
        version=_VERSION,
        description="Translates lines of text.",
        redoc_url=None,
        responses={403: _REFUSALS[403]},
    )
    app.add_exception_handler(RequestValidationError, _unprocessable)
    app.add_exception_handler(Exception, _broken)
    _add_translate(app, served, limits, measures, observers)
    _add_questions(app, served, room, measures)
    return Guard(app, hosts=hosts, limits=limits, room=room, answered=measures.answered)


def _add_translate(
    app: FastAPI, served: Served, limits: Limits, measures: Measures, observers: Sequence[Observer]
) -> None:
    async def translate(wanted: Wanted) -> Response:
        """Translate lines; each gets one translation, in their order."""
        begin = time.perf_counter()
        options = Options(wanted.beam, wanted.nbest, wanted.alignment)
        try:
            located, futures = served.submit(wanted.lines, options)
            found = await _all(futures, limits.answer_s)
        except (FullError, ClosedError) as error:
            return _problem(503, f"{error}; try again in a moment")
        except FailedError as error:
            say(str(error))
            return _problem(500, str(error))
        except TimeoutError:
            measures.timeouts.inc()
            return _problem(503, f"not translated within {limits.answer_s:g} s; send fewer lines, or try again")
        exchange = Exchange(located, wanted.lines, options, found, time.perf_counter() - begin)
        for observe in (measures.observe, *observers):
            observe(exchange)
        is_long = wanted.nbest * sum(map(len, wanted.lines)) > _LONG_CHARACTERS
        encode = partial(encoded, located.version, found, align=wanted.alignment)
        return Response(await asyncio.to_thread(encode) if is_long else encode(), media_type="application/json")

    translate.__annotations__["wanted"] = wanted_within(limits)
    app.post("/translate", responses=_REFUSALS, response_model=Translations)(translate)


def _add_questions(app: FastAPI, served: Served, room: Room, measures: Measures) -> None:
    @app.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Whether the server lives, whatever it has to do."""
        return "ok\n"

    @app.get("/readyz", response_model=Ready, responses={503: _REFUSALS[503]})
    async def readyz() -> Ready | JSONResponse:
        """Whether it would take a request now."""
        if lack := room.lack:
            return _problem(503, lack)
        return Ready(version=served.located.version, waiting_lines=served.num_waiting)

    @app.get("/version")
    async def version() -> Present:
        """What is served."""
        located = served.located
        return Present(version=located.version, content_hash=located.content_hash, seqline=_VERSION)

    @app.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Counters for Prometheus."""
        return PlainTextResponse(measures.text(), media_type="text/plain; version=0.0.4")


async def _all(futures: "Sequence[Future[Answer]]", seconds: float) -> Answer:
    """What all of them come to; those that were not awaited give up their places.

    Raises:
        TimeoutError: it took longer.
    """
    try:
        async with asyncio.timeout(seconds):
            return [line for future in futures for line in await asyncio.wrap_future(future)]
    finally:
        for future in futures:
            future.cancel()


def _problem(status: int, detail: str) -> JSONResponse:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
    return JSONResponse({"detail": detail}, status_code=status, headers=headers)


async def _unprocessable(_: Request, error: Exception) -> JSONResponse:
    """The first fault of a request, in one line that names its place."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    return _problem(422, f"{place or 'body'}: {first['msg'].removeprefix('Value error, ')}")


async def _broken(_: Request, error: Exception) -> JSONResponse:
    """A fault of the server, which is raised again and logged."""
    return _problem(500, f"the server failed: {type(error).__name__}")

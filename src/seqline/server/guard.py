"""What stands before the application: foreign hosts, bodies too large or too slow, too many requests at once.

A refusal costs next to nothing, so that health has little to wait for. Who is sent away because of the crowd is told so
only after a moment, and one after the other: a crowd that asks again at once would else take the cores from the model,
and one that asks again together would keep health waiting. Who sends too much is told so at once, and what he still
sends is read for a moment: closed upon him, he would find a reset for an answer.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seqline.server.limits import Limits
from seqline.server.room import Room

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
RETRY_AFTER_S: Final = 1
_HOLD_S: Final = 0.25
_TOLD_PER_S: Final = 500
_MAX_HELD: Final = 512
_MOST_LEFT_S: Final = 2.0
_MOST_LEFT_BODIES: Final = 8
_PORT = re.compile(r":\d{1,5}$")


@dataclass(eq=False)
class _RefusalError(Exception):
    status: int
    detail: str


class _LeftError(Exception):
    """The client is gone."""


class Guard:
    """An ASGI application in front of another.

    A browser that another site has sent names that site as ``Origin``, and is refused.

    Args:
        app: what answers.
        hosts: the names under which it may be called; "*" allows every name.
        limits: of bodies.
        room: for requests.
        answered: told of the path and the status of each answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        limits: Limits,
        room: Room,
        answered: Callable[[str, int], None],
    ) -> None:
        self._app, self._hosts, self._limits = app, {name.lower() for name in hosts}, limits
        self._room, self._answered = room, answered
        self._num_held, self._last_told = 0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answered(scope["path"], message["status"])
            await send(message)

        try:
            self._check_names(scope)
            if scope["method"] not in ("POST", "PUT", "PATCH"):
                await self._app(scope, receive, counted)
                return
            await self._with_body(scope, receive, counted)
        except _RefusalError as refusal:
            if refusal.status == 503:
                await self._patiently(self._turn)
            await self._refuse(scope, receive, counted, refusal)
        except _LeftError:
            return

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        if lack := self._room.lack:
            raise _RefusalError(503, f"{lack}; try again in a moment")
        with self._room.place() as leave:
            body = await self._body(scope, receive)
            left = asyncio.ensure_future(_left(receive))

            async def leaving(message: Message) -> None:
                leave()  # who is slow to read his answer keeps no place
                left.cancel()
                await send(message)

            await _unless(left, self._app(scope, _replayed(body), leaving))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: _RefusalError) -> None:
        keep_alive = refusal.status != 408 and self._is_small(scope)
        body = json.dumps({"detail": refusal.detail}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if not keep_alive:
            headers.append((b"connection", b"close"))
        if refusal.status == 503:
            headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": not keep_alive})
        if not keep_alive:
            await self._patiently(lambda: _discarded(receive, _MOST_LEFT_BODIES * self._limits.body_bytes))
            await send({"type": "http.response.body", "body": b""})

    async def _turn(self) -> None:
        """Wait a moment, and a little longer than whoever was last to begin waiting."""
        now = asyncio.get_running_loop().time()
        self._last_told = max(now + _HOLD_S, self._last_told + 1 / _TOLD_PER_S)
        await asyncio.sleep(self._last_told - now)

    async def _patiently(self, wait: Callable[[], Awaitable[None]]) -> None:
        """Spend a moment on somebody who is sent away, unless there are too many of them."""
        if self._num_held < _MAX_HELD:
            self._num_held += 1
            try:
                await wait()
            finally:
                self._num_held -= 1

    def _check_names(self, scope: Scope) -> None:
        if "*" in self._hosts:
            return
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
        for name in [*(map(_bare, hosts) if hosts else [""]), *map(_host_of, origins)]:
            if name not in self._hosts:
                raise _RefusalError(
                    403, "this server is not called by that name; see `seqline serve --help`, --allow-host"
                )

    def _is_small(self, scope: Scope) -> bool:
        """Whether reading the rest of a request costs less than another connection."""
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        return b"expect" not in headers and length.isdigit() and int(length) <= self._limits.body_bytes

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """All of it, if it is not too long and comes in time."""
        limit = self._limits.body_bytes
        too_long = _RefusalError(413, f"the body has more than {limit} bytes")
        if any(int(value) > limit for name, value in scope["headers"] if name == b"content-length" and value.isdigit()):
            raise too_long
        body, more = bytearray(), True
        try:
            async with asyncio.timeout(self._limits.body_s):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _LeftError
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > limit:
                        raise too_long
        except TimeoutError:
            raise _RefusalError(408, f"the body did not arrive within {self._limits.body_s:g} s") from None
        return bytes(body)


def _bare(host: str) -> str:
    """A host without its port, and an address of IPv6 without its brackets."""
    return _PORT.sub("", host.lower()).strip("[]")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def _replayed(body: bytes) -> Receive:
    """The body in one message; then nothing more is said, not even that the client left."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await asyncio.get_running_loop().create_future()

    return replay


async def _unless(left: "asyncio.Task[None]", answer: Awaitable[None]) -> None:
    """Answer, but give up as soon as the client has left.

    Raises:
        _LeftError: he has.
    """
    answering = asyncio.ensure_future(answer)
    left.add_done_callback(lambda task: None if task.cancelled() else answering.cancel())
    try:
        await answering
    except asyncio.CancelledError:
        if left.done() and not left.cancelled():
            raise _LeftError from None
        raise
    finally:
        left.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _discarded(receive: Receive, most_bytes: int) -> None:
    """Read what still comes, for a moment."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_MOST_LEFT_S):
            size, more = 0, True
            while more and size < most_bytes:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)

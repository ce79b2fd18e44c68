"""What stands before the application: foreign hosts, bodies too large or too slow, too many requests at once.

A refusal costs next to nothing and reads no body, so that health has little to wait for. Who is sent away because of
the crowd is told so only after a moment: a crowd that asks again at once would else take the cores from the model.
"""

import asyncio
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seqline.server.limits import Limits

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
RETRY_AFTER_S: Final = 1
_HOLD_S: Final = 0.25
_MAX_HELD: Final = 4096
_PORT = re.compile(r":\d{1,5}$")


@dataclass(frozen=True)
class _RefusalError(Exception):
    status: int
    detail: str


class Guard:
    """An ASGI application in front of another.

    A browser that another site has sent names that site as ``Origin``, and is refused.

    Args:
        app: what answers.
        hosts: the names under which it may be called; "*" allows every name.
        limits: of bodies, and of all requests together.
        num_waiting: how many lines wait now.
        refused: told of the status of each refusal.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        limits: Limits,
        num_waiting: Callable[[], int],
        refused: Callable[[int], None],
    ) -> None:
        self._app, self._hosts, self._limits = app, frozenset(hosts), limits
        self._num_waiting, self._refused = num_waiting, refused
        self._num_bodies = self._num_held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check_names(scope)
            if scope["method"] not in ("POST", "PUT", "PATCH"):
                await self._app(scope, receive, send)
                return
            await self._with_body(scope, receive, send)
        except _RefusalError as refusal:
            self._refused(refusal.status)
            if refusal.status == 503:
                await self._hold()
            await _refuse(send, refusal, keep_alive=refusal.status != 408 and self._is_small(scope))

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._num_bodies >= self._limits.requests:
            raise _RefusalError(503, f"{self._num_bodies} requests are at work already; try again in a moment")
        if (waiting := self._num_waiting()) >= self._limits.waiting_lines:
            raise _RefusalError(503, f"{waiting} lines wait already; try again in a moment")
        self._num_bodies += 1
        try:
            body = await self._body(scope, receive)
            await self._app(scope, _replayed(body, receive), send)
        finally:
            self._num_bodies -= 1

    async def _hold(self) -> None:
        if self._num_held < _MAX_HELD:
            self._num_held += 1
            try:
                await asyncio.sleep(_HOLD_S)
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


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body in one message, then what the connection says."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


async def _refuse(send: Send, refusal: _RefusalError, *, keep_alive: bool) -> None:
    body = json.dumps({"detail": refusal.detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if not keep_alive:
        headers.append((b"connection", b"close"))
    if refusal.status == 503:
        headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

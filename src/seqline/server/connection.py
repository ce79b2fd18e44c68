"""Connections that no client holds for ever.

uvicorn waits without end for a header and for an answer to be read, and knows one bound of connections, which shuts out
health with all the others.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's own, with deadlines; where there are too many, whoever keeps the server waiting longest goes.

    Attributes:
        header_s: from the first byte of a request, or from connecting, to the end of its header, in seconds.
        taken_s: until an answer has been taken, in seconds.
        most: connections at once, unless more are being answered. A process may have 1,024 files open by default.
    """

    header_s: ClassVar[float] = 10.0
    taken_s: ClassVar[float] = 30.0
    most: ClassVar[int] = 800

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to wait for a header."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # else an answer below 64 KiB could lie there untold
        self._taking: asyncio.TimerHandle | None = None
        self._await_header()
        waiting = [one for one in self.connections if one.waits_for_client and one is not self]
        if len(self.connections) > self.most and waiting:
            min(waiting, key=lambda one: one.silent_since).drop()

    def data_received(self, data: bytes) -> None:
        """Read on; a request has come, or a part of its header."""
        before = self.cycle
        super().data_received(data)
        self.silent_since: float = self.loop.time()
        if self.cycle is not before:
            self._header.cancel()
        elif self._header.cancelled() and self.waits_for_client:
            self._await_header()

    def pause_writing(self) -> None:
        """Some of an answer has not been taken."""
        super().pause_writing()
        self._taking = self.loop.call_later(self.taken_s, self.drop)

    def resume_writing(self) -> None:
        """All has."""
        if self._taking:
            self._taking.cancel()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        for timer in (self._header, self._taking):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    @property
    def waits_for_client(self) -> bool:
        """Whether it is the client's turn: to ask, or to take an answer."""
        return self.cycle is None or self.cycle.response_complete or self.flow.write_paused

    def drop(self) -> None:
        """End it, whatever was not read."""
        self.connections.discard(self)
        self.transport.abort()

    def _await_header(self) -> None:
        self.silent_since = self.loop.time()
        self._header = self.loop.call_later(self.header_s, self.drop)

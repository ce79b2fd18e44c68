"""Connections that go to checked addresses only and never outlive a deadline.

httpx would resolve a name by itself, after any check of ours: a name server that answers differently the second
time (DNS rebinding) would lead it astray. Here the check and the connection share one answer. TLS still verifies
the certificate against the name. A deadline also binds the headers and the handshake, where a server could trickle
one byte within every idle time-out; only the name server's answer is waited for as long as the system waits.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from seqline.fetching import addresses
from seqline.fetching.deadline import Deadline
from seqline.params.network import Network

FAULTS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError)
"""What the network or the server may do to a connection; worth another attempt."""

_HEADERS = {
    "User-Agent": "seqline",
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # a file is kept, resumed and summed as it is stored
}


@contextmanager
def opened(policy: Network, deadline: Deadline) -> Iterator[httpx.Client]:
    """A client for one file; it follows no redirect and asks no proxy."""
    transport = _Transport(_Backend(deadline, allow_private=policy.allow_private_addresses))
    with httpx.Client(transport=transport, timeout=policy.idle_timeout_s, headers=_HEADERS, trust_env=False) as client:
        yield client


class _Transport(httpx.BaseTransport):
    """httpx over an httpcore pool whose network backend is ours, which httpx's own transport has no way to take."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context(), network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Resolves, checks, then connects to what was checked: each address in turn until one answers."""

    def __init__(self, deadline: Deadline, *, allow_private: bool) -> None:
        self._deadline, self._allow_private = deadline, allow_private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._resolve(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._deadline.cap(timeout), local_address, socket_options
                )
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _resolve(self, host: str, port: int) -> list[str]:
        try:
            return addresses.resolve(host, port, allow_private=self._allow_private)
        except OSError as error:
            raise httpcore.ConnectError(f"{host}: {error.strerror or error}") from error


class _Stream(httpcore.NetworkStream):
    """A stream none of whose waits reaches beyond the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.cap(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.cap(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secure = self._inner.start_tls(ssl_context, server_hostname, self._deadline.cap(timeout))
        return _Stream(secure, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

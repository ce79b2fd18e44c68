"""What clients do that no transport in memory can: read late or never, send on, send nothing, leave."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn
from slow_searcher import Obedient

from seqline.server.app import build
from seqline.server.connection import Connection
from seqline.server.guard import LOOPBACK
from seqline.server.limits import Limits
from seqline.server.served import Served
from seqline.types import Located

_SOON_S = 20.0


class Narrow(Connection):
    """Hands little to the kernel, which would else take some answers that nobody reads."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        super().connection_made(transport)


class Hasty(Narrow):
    header_s, taken_s = 0.5, 2.0


@contextmanager
def listening(searcher: Obedient, protocol: type[asyncio.Protocol] = Connection, **limits: float) -> Iterator[int]:
    """The port of a server in a thread, with uvicorn and real sockets."""
    bounds = Limits(**limits)  # type: ignore[arg-type]
    served = Served(lambda: Located("tiny/1", "ab", Path("tiny")), lambda _: searcher, threads=1, limits=bounds)
    app = build(served, bounds, hosts=LOOPBACK)
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=protocol, ws="none", loop="asyncio", log_level="critical"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        searcher.may_work.set()
        server.should_exit = server.force_exit = True
        thread.join()
        served.close()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _SOON_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=_SOON_S)


def request(body: bytes, *headers: str, length: int | None = None) -> bytes:
    told = ["POST /translate HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    size = len(body) if length is None else length
    return "\r\n".join([*told, f"Content-Length: {size}", *headers, "", ""]).encode() + body


def lines(number: int, text: str = "a") -> bytes:
    return json.dumps({"lines": [text] * number}).encode()


def everything(client: socket.socket) -> bytes:
    """What comes until the server closes in good order; a reset raises."""
    found = b""
    while part := client.recv(1 << 16):
        found += part
    return found


def cut_off(client: socket.socket, dripping: bytes = b"") -> None:
    """Returns once the server has ended the connection, in which a client sends a little now and then."""
    end = time.monotonic() + _SOON_S
    client.settimeout(0.05)
    while time.monotonic() < end:
        try:
            client.sendall(dripping)
            if not client.recv(1 << 16):
                return
        except TimeoutError:
            continue
        except ConnectionError:
            return
    raise AssertionError("it is still open")


def ready(port: int) -> int:
    return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=_SOON_S).status_code


@contextmanager
def deaf(port: int) -> Iterator[socket.socket]:
    """A client that does not read; his first answer is on its way, and his next would have to wait for that."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(_SOON_S)
        client.connect(("127.0.0.1", port))
        for number in (1, 2):
            client.sendall(request(LONG))
            until(lambda number=number: answers(port) == number)
        yield client


LONG = lines(1000, "a" * 400)


def answers(port: int) -> float:
    """How many requests for translation have been answered, taken or not."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=_SOON_S).text
    return sum(float(line.split()[1]) for line in text.splitlines() if line.startswith("seqline_answers_total"))


def test_an_answer_that_is_not_read_leaves_room_for_other_requests() -> None:
    with listening(Obedient(), Narrow, requests=1) as port, deaf(port):
        assert ready(port) == 200
        with connected(port) as client:
            client.sendall(request(lines(1), "Connection: close"))
            assert everything(client).startswith(b"HTTP/1.1 200 ")


def test_who_never_reads_his_answer_is_cut_off() -> None:
    with listening(Obedient(), Hasty) as port, deaf(port) as client:
        time.sleep(2 * Hasty.taken_s)
        assert len(everything(client)) < len(LONG)


@pytest.mark.parametrize("length", [200_000, 20_000_000])
def test_a_body_that_is_too_long_finds_its_refusal_however_long_it_goes_on(length: int) -> None:
    with listening(Obedient(), body_bytes=100_000) as port, connected(port) as client:
        client.sendall(request(b"x" * min(length, 500_000), length=length))
        found = everything(client)
    assert found.startswith(b"HTTP/1.1 413 ")
    assert b'{"detail":' in found


def test_a_body_that_does_not_come_is_given_up_and_the_connection_with_it() -> None:
    with listening(Obedient(), body_s=0.2) as port, connected(port) as client:
        client.sendall(request(b"{", length=100))
        assert everything(client).startswith(b"HTTP/1.1 408 ")


def test_requests_that_follow_one_another_at_once_are_answered_in_turn() -> None:
    words = ["eins", "zwei", "drei"]
    with listening(Obedient()) as port, connected(port) as client:
        client.sendall(b"".join(request(lines(1, word)) for word in words[:2]))
        client.sendall(request(lines(1, words[2]), "Connection: close"))
        found = everything(client)
    places = [found.index(word.upper().encode()) for word in words]
    assert places == sorted(places)
    assert found.count(b"HTTP/1.1 200 ") == 3


def test_what_a_client_that_left_had_asked_for_is_given_up() -> None:
    searcher = Obedient(may_work=False)
    with listening(searcher) as port:
        with connected(port) as client:
            client.sendall(request(lines(1)))
            assert searcher.has_begun.wait(_SOON_S)
        assert searcher.has_stopped.wait(_SOON_S)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: local"])
def test_a_header_that_does_not_come_ends_the_connection(sent: bytes) -> None:
    with listening(Obedient(), Hasty) as port, connected(port) as client:
        client.sendall(sent)
        cut_off(client)


def test_a_header_that_drips_after_an_answer_ends_the_connection() -> None:
    with listening(Obedient(), Hasty) as port, connected(port) as client:
        client.sendall(request(lines(1)))
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        cut_off(client, dripping=b"G")


def test_where_connections_are_too_many_whoever_is_silent_goes_and_who_waits_for_an_answer_stays() -> None:
    class Few(Connection):
        most = 3

    searcher = Obedient(may_work=False)
    with listening(searcher, Few) as port, connected(port) as waiting:
        waiting.sendall(request(lines(1), "Connection: close"))
        assert searcher.has_begun.wait(_SOON_S)
        silent = [connected(port) for _ in range(4)]
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=_SOON_S).status_code == 200
        cut_off(silent[0])
        searcher.may_work.set()
        assert everything(waiting).startswith(b"HTTP/1.1 200 ")
        for client in silent:
            client.close()

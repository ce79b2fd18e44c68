"""Which URLs are asked at all."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from web import POLICY, Web

from seqline.errors import InputError
from seqline.fetching import addresses, connection, hops
from seqline.fetching.deadline import Deadline
from seqline.params.network import Network

HOSTILE = [
    "file:///etc/passwd", "ftp://example.org/x", "gopher://example.org/x", "data:text/plain,x", "javascript:0", "//x/y",
    "http://", "http:///x", "http://127.0.0.1/", "http://127.1/", "http://127.0.0.1.:80/", "http://0/", "http://0.0.0.0/",
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://017700000001/",
    "http://127.0.0.0x1/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/", "http://224.0.0.1/", "http://255.255.255.255/", "http://240.0.0.1/",
    "http://198.18.0.1/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/",
    "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[fec0::1]/", "http://[ff02::1]/",
    "http://[::1", "http://[v1.x]/", "http://user:secret@example.org/", "http://user@example.org/",
    "http://example.org:99999/", "http://example.org:x/", "http://example.org\\@127.0.0.1/", "http://exa mple.org/",
    "http://example.org/\n", "http://\uff11\uff12\uff17.0.0.1/", "http://ex\u00e4mple.org/", "http://\x00/",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_url_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(InputError, match="refused") as caught:
        addresses.check(url, allow_private=False)
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://opus.nlpl.eu/x?y=z", "http://8.8.8.8/", "http://[2606:4700::1111]:8080/"])
def test_a_public_url_is_not_refused(url: str) -> None:
    addresses.check(url, allow_private=False)


def test_where_private_addresses_are_allowed_only_honest_ones_are() -> None:
    addresses.check("http://127.0.0.1:8080/x", allow_private=True)
    for url in ("http://2130706433/", "file:///etc/passwd", "http://user:secret@localhost/"):
        with pytest.raises(InputError, match="refused"):
            addresses.check(url, allow_private=True)


def test_a_name_that_leads_to_this_machine_is_refused(web: Web) -> None:
    url = web.give("/x", b"never given").replace("127.0.0.1", "localhost")
    policy = POLICY.model_copy(update={"allow_private_addresses": False})
    with pytest.raises(InputError, match=r"localhost: refused, it leads to (127\.0\.0\.1|::1)"), _asking(url, policy):
        pass
    assert web.asked == []


def test_a_name_with_a_public_and_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _name_server(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(InputError, match=r"two\.example: refused, it leads to 10\.0\.0\.1"):
        addresses.resolve("two.example", 80, allow_private=False)


def test_the_connection_goes_to_the_address_that_was_checked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.give("/x", b"content")
    questions = _name_server(monkeypatch, ["127.0.0.1"])
    with _asking(web.url("/x", host="rebinding.example"), POLICY):
        pass
    assert questions == ["rebinding.example"], "a second answer of the name server could lead elsewhere"
    assert web.headers[0]["Host"].startswith("rebinding.example:")


def test_an_address_that_does_not_answer_is_followed_by_the_next(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.give("/x", b"content")
    _name_server(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    with _asking(web.url("/x", host="two.example"), POLICY):
        assert web.asked == ["GET /x"]


def test_a_redirect_may_not_leave_https() -> None:
    assert hops._next("http://example.org/x", "https://example.org/y") == "https://example.org/y"
    with pytest.raises(InputError, match=r"redirects from https to http://example\.org/y: refused"):
        hops._next("https://example.org/x", "http://example.org/y?signature=secret")


def test_an_address_inside_another_is_looked_at_itself() -> None:
    for outside, public in [("::ffff:8.8.8.8", True), ("64:ff9b::808:808", True), ("64:ff9b::a00:1", False)]:
        assert addresses.is_public(ipaddress.ip_address(outside)) is public


@contextmanager
def _asking(url: str, policy: Network) -> Iterator[httpx.Response]:
    with connection.opened(policy, Deadline.after(10)) as client, hops.request(client, "GET", url, {}, policy) as found:
        yield found


def _name_server(monkeypatch: pytest.MonkeyPatch, answers: list[str]) -> list[str]:
    questions: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: int, **kind: int) -> list[Any]:
        if host.endswith(tuple("0123456789")):  # an address: no name server is asked
            return real(host, port, *more, **kind)
        questions.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port)) for answer in answers]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return questions

"""Messages to a webhook: what may be sent where, and what a fault looks like."""

import socket
import threading

import pytest
from web import Web

from seqline.adapters import webhook


@pytest.fixture
def said() -> list[str]:
    return []


def test_without_an_address_nothing_is_sent_or_said(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQLINE_WEBHOOK", raising=False)
    assert not webhook.send({"text": "x"}, said.append)
    assert said == []


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("file:///etc/passwd", "the address must begin with http:// or https://"),
        ("ftp://example.org/x", "the address must begin with http:// or https://"),
        ("example.org/hook", "the address must begin with http:// or https://"),
        ("http:///hook", "the address must begin with http:// or https://"),
        ("http://a\x00b/hook", "the address is not a URL"),
    ],
)
def test_other_addresses_are_refused_in_one_line_without_being_shown(
    address: str, fault: str, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", {"SEQLINE_WEBHOOK": address})
    assert not webhook.send({"text": "x"}, said.append)
    assert said == [f"SEQLINE_WEBHOOK: the message was not delivered ({fault})"]


def test_a_server_that_hangs_costs_a_bounded_wait(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_TOTAL_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        monkeypatch.setenv("SEQLINE_WEBHOOK", f"http://127.0.0.1:{hanging.getsockname()[1]}/secret")
        assert not webhook.send({"text": "x"}, said.append)
    assert said == ["SEQLINE_WEBHOOK: the message was not delivered (no answer within 0.5 s)"]
    for thread in threading.enumerate():
        if thread.name == "webhook":
            thread.join(10)
            assert not thread.is_alive()


def test_a_refusal_names_the_host_and_no_redirect_is_followed(
    web: Web, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQLINE_WEBHOOK", web.url("/secret"))
    assert not webhook.send({"text": "x"}, said.append)
    assert said[0].startswith("SEQLINE_WEBHOOK: the message was not delivered (127.0.0.1 answers ")
    assert "secret" not in said[0]

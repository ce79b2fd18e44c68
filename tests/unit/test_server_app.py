import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from slow_searcher import Obedient

from seqline.server.app import build
from seqline.server.guard import LOOPBACK
from seqline.server.limits import Limits
from seqline.server.served import Served
from seqline.serving.bundle import Bundle
from seqline.types import Located, Searcher

LINES = ["the cat sat on the mat", "", "good morning"]
Ask = Callable[[httpx.AsyncClient], Awaitable[Any]]


def answered(searcher: Searcher, ask: Ask, *, hosts: tuple[str, ...] = LOOPBACK, **limits: Any) -> Any:
    """What a client finds that talks to a server with this translator."""
    bounds = Limits(**limits)
    located = Located("tiny/1", "ab" * 32, Path("tiny"))
    served = Served(lambda: located, lambda _: searcher, threads=1, limits=bounds)
    transport = httpx.ASGITransport(build(served, bounds, hosts=hosts))

    async def talk() -> Any:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await ask(client)

    try:
        return asyncio.run(talk())
    finally:
        if isinstance(searcher, Obedient):
            searcher.may_work.set()
        served.close()


def post(**request: Any) -> Ask:
    return lambda client: client.post("/translate", json=request)


def get(path: str, **headers: str) -> Ask:
    return lambda client: client.get(path, headers=headers)


def test_each_line_gets_the_translation_that_the_model_gives(tiny_bundle: Path) -> None:
    bundle = Bundle.open(tiny_bundle)
    found = answered(bundle, post(lines=LINES))
    assert found.status_code == 200
    expected = [best[0] for best in bundle.translate(LINES)]
    assert found.json() == {
        "version": "tiny/1",
        "translations": [{"text": one.text, "score": one.score} for one in expected],
    }


def test_the_next_best_and_alignments_come_where_they_are_wanted(tiny_bundle: Path) -> None:
    found = answered(Bundle.open(tiny_bundle), post(lines=LINES[:1], nbest=3, beam=4, alignment=True)).json()
    (line,) = found["translations"]
    assert len(line["others"]) == 2
    assert line["score"] >= line["others"][0]["score"]
    assert all(len(pair) == 2 for pair in line["alignment"])


def test_no_lines_are_no_error() -> None:
    assert answered(Obedient(), post(lines=[])).json() == {"version": "tiny/1", "translations": []}


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({}, "lines: Field required"),
        ({"lines": "one"}, "lines: Input should be a valid list"),
        ({"lines": [1]}, "lines.0: Input should be a valid string"),
        ({"lines": ["a"] * 5}, "lines: List should have at most 4 items"),
        ({"lines": ["a" * 9]}, "lines.0: String should have at most 8 characters"),
        ({"lines": [], "beam": 0}, "beam: Input should be greater than or equal to 1"),
        ({"lines": [], "beam": 17}, "beam: Input should be less than or equal to 16"),
        ({"lines": [], "nbest": 99}, "nbest: Input should be less than or equal to 16"),
        ({"lines": [], "colour": 1}, "colour: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_request_is_told_in_one_line(request_: dict[str, Any], told: str) -> None:
    found = answered(Obedient(), post(**request_), lines=4, line_characters=8)
    assert found.status_code == 422
    assert found.json()["detail"].startswith(told)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"lines": ["\\ud800"]}', b"null", b"1" * 200])
def test_what_is_no_json_of_ours_is_refused(body: bytes) -> None:
    found = answered(Obedient(), lambda client: client.post("/translate", content=body))
    assert found.status_code == 422
    assert found.json()["detail"]


def test_a_body_that_is_too_long_is_refused_whether_it_says_so_or_not() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    for content in (b"x" * 1001, chunks()):
        found = answered(
            Obedient(), lambda client, body=content: client.post("/translate", content=body), body_bytes=1000
        )
        assert (found.status_code, found.json()) == (413, {"detail": "the body has more than 1000 bytes"})


def test_a_body_that_does_not_come_is_given_up() -> None:
    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    def ask(client: httpx.AsyncClient) -> Any:
        return client.post("/translate", content=dripping(), headers={"content-length": "500"})

    found = answered(Obedient(), ask, body_s=0.1)
    assert (found.status_code, found.headers["connection"]) == (408, "close")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost"}, 200),
        ({"host": "127.0.0.1:8000"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "localhost.evil.example"}, 403),
        ({"host": "LOCALHOST"}, 200),
        ({"host": ""}, 403),
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[::1"}, 403),
    ],
)
def test_only_its_own_names_are_answered(headers: dict[str, str], status: int) -> None:
    assert answered(Obedient(), get("/version", **headers)).status_code == status


def test_other_names_may_be_allowed() -> None:
    assert answered(Obedient(), get("/version", host="mt.example"), hosts=("mt.example",)).status_code == 200
    assert answered(Obedient(), get("/version", host="mt.EXAMPLE"), hosts=("MT.Example",)).status_code == 200
    assert answered(Obedient(), get("/version", host="any.example"), hosts=("*",)).status_code == 200


def while_busy(ask: Ask, number: int = 1) -> Ask:
    """Ask while so many requests of one line are at work or wait."""

    async def both(client: httpx.AsyncClient) -> Any:
        waiting = []
        for _ in range(number):  # the first ones must have been taken before the next ones come
            waiting.append(asyncio.create_task(client.post("/translate", json={"lines": ["a"]})))
            await asyncio.sleep(0.1)
        found = await ask(client)
        for task in waiting:
            task.cancel()
        return found

    return both


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"waiting_lines": 1}, "1 lines wait already; try again in a moment"),
        ({"requests": 3}, "3 requests are at work already; try again in a moment"),
    ],
)
def test_too_much_at_once_is_sent_away_for_a_while(limits: dict[str, int], told: str) -> None:
    found = answered(Obedient(may_work=False), while_busy(post(lines=["b"]), 3), batch_lines=1, **limits)
    assert (found.status_code, found.headers["retry-after"]) == (503, "1")
    assert found.json() == {"detail": told}


def test_who_is_sent_away_keeps_the_connection_unless_much_would_have_to_be_read() -> None:
    def sent_away(size: int) -> httpx.Response:
        ask = while_busy(post(lines=["b" * size]))
        found = answered(Obedient(may_work=False), ask, requests=1, body_bytes=100)
        assert found.status_code == 503
        return found

    assert "connection" not in sent_away(1).headers
    assert sent_away(1000).headers["connection"] == "close"


def test_a_crowd_is_sent_away_one_by_one_so_that_it_does_not_come_back_together() -> None:
    async def crowd(client: httpx.AsyncClient) -> float:
        begin = asyncio.get_running_loop().time()
        found = await asyncio.gather(*[client.post("/translate", json={"lines": ["b"]}) for _ in range(300)])
        assert {one.status_code for one in found} == {503}
        return asyncio.get_running_loop().time() - begin

    assert answered(Obedient(may_work=False), while_busy(crowd), requests=1) > 0.25 + 299 / 500 - 0.01


@pytest.mark.parametrize("path", ["/healthz", "/version", "/metrics"])
def test_questions_are_answered_while_the_model_hangs(path: str) -> None:
    asked = while_busy(get(path), 3)
    assert answered(Obedient(may_work=False), asked, batch_lines=1, waiting_lines=1, requests=3).status_code == 200


def test_it_is_not_ready_while_its_queue_is_full() -> None:
    assert answered(Obedient(), get("/readyz")).json() == {"version": "tiny/1", "waiting_lines": 0}
    assert (
        answered(Obedient(may_work=False), while_busy(get("/readyz"), 3), batch_lines=1, waiting_lines=1).status_code
        == 503
    )


def test_it_is_not_ready_while_as_many_requests_as_may_are_at_work() -> None:
    found = answered(Obedient(may_work=False), while_busy(get("/readyz")), requests=1)
    assert (found.status_code, found.json()["detail"]) == (503, "1 requests are at work already")


def test_an_answer_that_takes_too_long_is_given_up_and_the_model_stops() -> None:
    searcher = Obedient(may_work=False)

    async def ask(client: httpx.AsyncClient) -> tuple[httpx.Response, str]:
        found = await client.post("/translate", json={"lines": ["a"]})
        assert await asyncio.to_thread(searcher.has_stopped.wait, 10)
        return found, (await client.get("/metrics")).text

    found, metrics = answered(searcher, ask, answer_s=0.1)
    assert found.status_code == 503
    assert "not translated within 0.1 s" in found.json()["detail"]
    assert "seqline_timeouts_total 1.0" in metrics


def test_lines_that_the_model_fails_on_are_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(Obedient(), post(lines=["fail"]))
    assert (found.status_code, found.json()) == (500, {"detail": "the model failed: RuntimeError('as told')"})
    assert capsys.readouterr().err == "seqline: the model failed: RuntimeError('as told')\n"


def test_the_translations_of_a_request_are_bounded_together() -> None:
    def status(lines: int, nbest: int) -> httpx.Response:
        found = answered(Obedient(), post(lines=["a"] * lines, nbest=nbest, beam=nbest), translations=12)
        assert isinstance(found, httpx.Response)
        return found

    assert status(4, 3).status_code == 200
    assert (status(5, 3).status_code, status(5, 3).json()["detail"]) == (
        422, "body: lines × nbest are 15; at most 12 translations"
    )  # fmt: skip


def test_a_long_answer_is_the_same_as_its_lines_alone(tiny_bundle: Path) -> None:
    bundle, lines = Bundle.open(tiny_bundle), ["the cat sat on the mat"] * 1000
    found = answered(bundle, post(lines=lines, nbest=2)).json()["translations"]
    assert found == [answered(bundle, post(lines=lines[:1], nbest=2)).json()["translations"][0]] * 1000


def test_what_was_done_can_be_counted() -> None:
    async def ask(client: httpx.AsyncClient) -> str:
        await client.post("/translate", json={"lines": ["abc", "d"]})
        await client.post("/translate", json={"lines": ["fail"]})
        await client.post("/translate", json={})
        await client.get("/translate")
        await client.get("/translate", headers={"host": "evil.example"})
        return (await client.get("/metrics")).text

    text = answered(Obedient(), ask)
    for line in (
        'seqline_answers_total{status="200"} 1.0',
        *(f'seqline_answers_total{{status="{status}"}} 1.0' for status in (403, 405, 422, 500)),
        "seqline_lines_total 2.0",
        "seqline_source_characters_total 4.0",
        "seqline_translate_seconds_count 1.0",
        "seqline_waiting_lines 0.0",
    ):
        assert line in text
    assert 'seqline_model_info{content_hash="abab' in text


def test_the_document_tells_the_limits_and_every_answer() -> None:
    document = answered(Obedient(), get("/openapi.json"), lines=7, line_characters=9, beam=5).json()
    wanted = document["components"]["schemas"]["Wanted"]
    assert wanted["properties"]["lines"]["maxItems"] == 7
    assert wanted["properties"]["lines"]["items"]["maxLength"] == 9
    assert wanted["properties"]["beam"]["maximum"] == 5
    assert wanted["additionalProperties"] is False
    assert set(document["paths"]["/translate"]["post"]["responses"]) == {
        "200",
        "400",
        "403",
        "408",
        "413",
        "422",
        "500",
        "503",
    }

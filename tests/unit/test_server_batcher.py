from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from slow_searcher import Obedient

from seqline.server.batcher import Answer, Batcher, ClosedError, FailedError, FullError, Options
from seqline.server.limits import Limits

PLAIN = Options(beam=4, nbest=1, align=False)


def texts(futures: "list[Future[Answer]]") -> list[str]:
    return [line[0].text for future in futures for line in future.result(timeout=10)]


@pytest.fixture
def searcher() -> Iterator[Obedient]:
    """One that waits until it may work."""
    searcher = Obedient(may_work=False)
    yield searcher
    searcher.may_work.set()


def batcher(searcher: Obedient, *, workers: int = 1, **limits: int) -> Batcher:
    """One worker, which is at its first line already."""
    found = Batcher(searcher, workers=workers, limits=Limits(**({"batch_lines": 4, "waiting_lines": 10} | limits)))
    if not searcher.may_work.is_set():
        found.submit(["first"], PLAIN)
        assert searcher.has_begun.wait(10)
    return found


def test_everyone_gets_the_translations_of_his_own_lines() -> None:
    waiting = batcher(Obedient(), workers=3, waiting_lines=10_000)
    requests = [[f"{number} {line}" for line in range(number % 7)] for number in range(200)]
    with ThreadPoolExecutor(8) as crowd:
        found = list(crowd.map(lambda lines: texts(waiting.submit(lines, PLAIN)), requests))
    assert found == [[line.upper() for line in lines] for lines in requests]


def test_what_gathers_meanwhile_is_translated_together(searcher: Obedient) -> None:
    waiting = batcher(searcher)
    futures = [waiting.submit([text], PLAIN) for text in ("a", "b", "c")]
    searcher.may_work.set()
    assert [texts(future) for future in futures] == [["A"], ["B"], ["C"]]
    assert searcher.calls == [["first"], ["a", "b", "c"]]


def test_only_what_shares_its_options_is_and_nobody_is_passed_for_ever(searcher: Obedient) -> None:
    waiting = batcher(searcher)
    other = Options(beam=4, nbest=2, align=False)
    futures = [waiting.submit([text], options) for text, options in (("a", PLAIN), ("b", other), ("c", PLAIN))]
    searcher.may_work.set()
    assert [texts(future) for future in futures] == [["A"], ["B"], ["C"]]
    assert searcher.calls == [["first"], ["a", "c"], ["b"]]
    assert len(futures[1][0].result()[0]) == 2


def test_a_long_request_is_cut_into_batches(searcher: Obedient) -> None:
    waiting = batcher(searcher)
    futures = waiting.submit(list("abcdefghi"), PLAIN)
    searcher.may_work.set()
    assert texts(futures) == list("ABCDEFGHI")
    assert [len(call) for call in searcher.calls] == [1, 4, 4, 1]


def test_a_full_queue_takes_all_of_a_request_or_nothing(searcher: Obedient) -> None:
    waiting = batcher(searcher, waiting_lines=3)
    first = waiting.submit(list("ab"), PLAIN)
    second = waiting.submit(list("cdef"), PLAIN)  # however long, while there is room at all
    with pytest.raises(FullError, match="6 lines wait already"):
        waiting.submit(["g"], PLAIN)
    assert waiting.num_waiting == 6
    searcher.may_work.set()
    assert texts(first) + texts(second) == list("ABCDEF")
    assert waiting.num_waiting == 0


def test_what_nobody_waits_for_any_more_is_not_translated(searcher: Obedient) -> None:
    waiting = batcher(searcher)
    (given_up,) = waiting.submit(["given up"], PLAIN)
    futures = waiting.submit(["wanted"], PLAIN)
    assert given_up.cancel()
    searcher.may_work.set()
    assert texts(futures) == ["WANTED"]
    assert searcher.calls == [["first"], ["wanted"]]


def test_an_error_reaches_those_who_asked_and_the_worker_goes_on() -> None:
    waiting = batcher(Obedient())
    (failed,) = waiting.submit(["fail"], PLAIN)
    with pytest.raises(FailedError, match="the model failed: RuntimeError"):
        failed.result(timeout=10)
    assert texts(waiting.submit(["a"], PLAIN)) == ["A"]


def test_nobody_s_lines_fail_for_another_s_that_were_translated_with_them(searcher: Obedient) -> None:
    waiting = batcher(searcher)
    futures = [waiting.submit([text], PLAIN) for text in ("a", "fail", "c")]
    searcher.may_work.set()
    assert texts(futures[0]) + texts(futures[2]) == ["A", "C"]
    with pytest.raises(FailedError):
        texts(futures[1])
    assert searcher.calls == [["first"], ["a", "fail", "c"], ["a"], ["fail"], ["c"]]


def test_batches_are_bounded_by_characters_for_every_hypothesis_too(searcher: Obedient) -> None:
    waiting = batcher(searcher, batch_lines=9, batch_characters=4 * 10)
    futures = [*waiting.submit(["a" * 6, "b" * 4, "c", "d" * 50, "e"], PLAIN), *waiting.submit(["f" * 9], PLAIN)]
    searcher.may_work.set()
    texts(futures)
    assert [[line[0] for line in call] for call in searcher.calls[1:]] == [["a", "b"], ["c", "e"], ["d"], ["f"]]


def test_a_batch_at_work_stops_when_nobody_wants_any_of_it() -> None:
    searcher = Obedient(may_work=False)
    waiting = Batcher(searcher, workers=1, limits=Limits())
    (endless,) = waiting.submit(["endless"], PLAIN)
    assert searcher.has_begun.wait(10)
    assert endless.cancel()
    assert searcher.has_stopped.wait(10)
    waiting.close()


def test_closing_finishes_what_was_taken(searcher: Obedient) -> None:
    waiting = batcher(searcher)
    futures = waiting.submit(list("abcdef"), PLAIN)
    with ThreadPoolExecutor(1) as aside:
        closing = aside.submit(waiting.close)
        searcher.may_work.set()
        closing.result(timeout=10)
    assert texts(futures) == list("ABCDEF")
    with pytest.raises(ClosedError):
        waiting.submit(["late"], PLAIN)

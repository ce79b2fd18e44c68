"""How long to wait for another attempt."""

from datetime import UTC, datetime

import pytest
from web import POLICY

from seqline.fetching import retry


def test_waits_double_up_to_the_bound_and_are_the_same_every_time() -> None:
    policy = POLICY.model_copy(update={"backoff_s": 1.0, "max_wait_s": 5.0})
    assert [retry.wait_s(attempt, policy, None) for attempt in (1, 2, 3, 4, 5)] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_no_wait_is_shorter_than_the_server_asks() -> None:
    assert retry.wait_s(1, POLICY, 0.4) == 0.4


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0), (" 0 ", 0.0), ("Mon, 23 Nov 2026 10:00:30 GMT", 30.0), ("Mon, 23 Nov 2026 09:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 10:00:30", 30.0), (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None),
        ("\u0661", None), ("9" * 400, 999_999_999.0),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry.retry_after_s(header, datetime(2026, 11, 23, 10, tzinfo=UTC)) == seconds


def test_only_what_may_pass_is_tried_again() -> None:
    assert [status for status in range(300, 600) if retry.is_transient(status)] == [408, 425, 429, *range(500, 600)]

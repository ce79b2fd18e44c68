"""When another attempt makes sense, and how long to wait for it; the same failures always wait the same."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from seqline.params.network import Network

_WORTH_WAITING = (408, 425, 429)


class TransientError(Exception):
    """This attempt failed; the next may not. ``after_s``: how long the server asks to be left alone."""

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


def is_transient(status: int) -> bool:
    """Whether an answer with this status may be another one in a moment: 5xx, and 408, 425, 429 of the 4xx."""
    return status >= 500 or status in _WORTH_WAITING


def wait_s(attempt: int, policy: Network, asked_s: float | None) -> float:
    """Seconds to wait after so many attempts in a row: doubling, bounded, and no shorter than the server asks."""
    return max(min(policy.backoff_s * 2.0 ** (attempt - 1), policy.max_wait_s), asked_s or 0.0)


def retry_after_s(header: str | None, now: datetime | None = None) -> float | None:
    """What a ``Retry-After`` header asks for, in seconds: it gives them, or a date. None: nothing that makes sense.

    >>> retry_after_s("120")
    120.0
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())

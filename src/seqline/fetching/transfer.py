"""One file from the network into a ``.part`` file: resumed, tried again, bounded in time and size."""

import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import httpx

from seqline.errors import FetchError, InputError, MissingError
from seqline.fetching import connection, hops, retry
from seqline.fetching.deadline import Deadline, DeadlineError
from seqline.fetching.part import Part, Version
from seqline.fetching.retry import TransientError
from seqline.params.network import Network

Watch = Callable[[int, int | None], None]
"""Told how many bytes have come, and of how many (None: the server does not say)."""

_FAILURES = (TransientError, *connection.FAULTS)
_PAGE_STARTS = (b"<!doctype html", b"<html")
_GONE = (404, 410)


def fetch(url: str, path: Path, policy: Network, *, expected: str | None, watch: Watch, stop: threading.Event) -> Part:
    """Bring the content of a URL into the part file at ``path``, whole, and return it.

    A connection that breaks is resumed where it broke. ``policy.attempts`` counts failures in a row that brought
    nothing new. ``expected`` is the SHA-256 that the file should have, where it is known; the caller checks it.
    ``stop`` ends the work at the next chunk.

    Raises:
        InputError: the URL must not be fetched, does not exist, is too large, or gives a web page.
        FetchError: the network or the server failed too often or for too long; what came is kept for the next run.
    """
    deadline = Deadline.after(policy.deadline_s)
    part = Part(path, url)
    failures, most = 0, part.size
    with connection.opened(policy, deadline) as client:
        while True:
            try:
                return _attempt(client, part, policy, expected, watch, stop)
            except _FAILURES as error:
                failures = 1 if part.size > most else failures + 1
                most = max(most, part.size)
                _wait(error, failures, url, policy, deadline, stop)
            except DeadlineError:
                raise _too_late(part, policy) from None
            except OSError as error:
                raise FetchError(f"{path}: cannot be written ({error.strerror or error}); what came is kept") from None


def _attempt(
    client: httpx.Client, part: Part, policy: Network, expected: str | None, watch: Watch, stop: threading.Event
) -> Part:
    if not part.is_whole:
        with hops.request(client, "GET", part.url, part.wish(), policy) as response:
            _begin(response, part, policy, expected)
            _receive(response, part, policy, watch, stop)
    if part.sha256 == expected:
        return part
    if part.size == 0:
        raise InputError(f"{part.url}: the server gives an empty file; open the URL in a browser to see why")
    if expected is not None and part.resumed:
        part.discard()
        raise TransientError("the part of an earlier run and the rest do not fit together")
    if _begins_like_a_page(part):
        raise _page(part, "its first bytes")
    return part


def _begin(response: httpx.Response, part: Part, policy: Network, expected: str | None) -> None:
    """Decide from status and headers what the body is: the rest, the whole, or nothing of use."""
    status, headers = response.status_code, response.headers
    if status == 206 and part.goes_on_with(headers):
        return
    if status in (206, 416):
        part.discard()
        raise TransientError("the rest that the server offers does not fit what came before")
    if status != 200:
        raise _refusal(part.url, status, headers.get("Retry-After"))
    version = Version.of(str(response.url), headers)
    if (version.total_bytes or 0) > policy.max_bytes:
        raise _too_large(part.url, policy)
    part.start(version)
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html" and expected is None:
        part.append(first := next(response.iter_raw(), b""))
        part.path.write_bytes(first)
        raise _page(part, kind)


def _receive(response: httpx.Response, part: Part, policy: Network, watch: Watch, stop: threading.Event) -> None:
    total = part.version.total_bytes if part.version else None
    with part.path.open("ab") as stream:
        watch(part.size, total)
        for chunk in response.iter_raw():
            stream.write(chunk)
            part.append(chunk)
            watch(part.size, total)
            if part.size > policy.max_bytes:
                raise _too_large(part.url, policy)
            if stop.is_set():
                raise FetchError(f"{part.url}: interrupted; what came is kept")
    if total is not None and part.size != total:
        raise TransientError(f"it ended after {part.size:,} of {total:,} bytes")


def _wait(
    error: Exception, failures: int, url: str, policy: Network, deadline: Deadline, stop: threading.Event
) -> None:
    """Sit out the time until the next attempt, or give up."""
    reason = str(error) or type(error).__name__
    asked_s = error.after_s if isinstance(error, TransientError) else None
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        raise FetchError(f"{url}: its certificate is not to be trusted ({reason})") from None
    if failures >= policy.attempts:
        raise FetchError(f"{url}: {reason}; given up after {failures} attempts, what came is kept for the next run")
    if asked_s is not None and asked_s > policy.max_wait_s:
        limit = f"more than download.network.max_wait_s ({policy.max_wait_s:g})"
        raise FetchError(f"{url}: {reason} and asks to wait {asked_s:.0f} s, {limit}; try again later")
    try:
        stop.wait(deadline.cap(retry.wait_s(failures, policy, asked_s)))
    except DeadlineError:
        raise FetchError(_late(url, policy) + f" (the last attempt: {reason})") from None


def _refusal(url: str, status: int, retry_after: str | None) -> Exception:
    if retry.is_transient(status):
        return TransientError(f"the server answers {status}", retry.retry_after_s(retry_after))
    if status in _GONE:
        return MissingError(f"{url}: the server has no such file ({status}); correct the URL")
    return InputError(f"{url}: the server answers {status}, which is no file; open the URL in a browser to see why")


def _too_large(url: str, policy: Network) -> InputError:
    return InputError(f"{url}: larger than download.network.max_bytes ({policy.max_bytes:,})")


def _too_late(part: Part, policy: Network) -> FetchError:
    of = f" of {part.version.total_bytes:,}" if part.version and part.version.total_bytes else ""
    return FetchError(f"{_late(part.url, policy)}; {part.size:,}{of} bytes came and are kept for the next run")


def _late(url: str, policy: Network) -> str:
    return f"{url}: not whole within download.network.deadline_s ({policy.deadline_s:g})"


def _begins_like_a_page(part: Part) -> bool:
    start = part.first_bytes(256).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(_PAGE_STARTS)


def _page(part: Part, sign: str) -> InputError:
    start = " ".join(part.first_bytes(60).decode("ascii", "replace").split())
    part.discard()
    way_out = "open the URL in a browser to see why, or pin its sha256 if this is what you want"
    return InputError(f"{part.url}: a web page instead of a file ({sign}: {start!r}); {way_out}")

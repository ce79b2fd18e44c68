"""One file from the network into a ``.part`` file: resumed, tried again, bounded in time and size."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from seqline.errors import FetchError
from seqline.fetching import connection, hops, refusals, retry
from seqline.fetching.deadline import Deadline, DeadlineError
from seqline.fetching.part import Part, Version
from seqline.fetching.retry import TransientError
from seqline.params.network import Network

Watch = Callable[[int, int | None], None]
"""Told how many bytes have come, and of how many (None: the server does not say)."""

_FAILURES = (TransientError, *connection.FAULTS)


def fetch(url: str, path: Path, policy: Network, *, expected: str | None, watch: Watch, stop: threading.Event) -> Part:
    """Bring the content of a URL into the part file at ``path``, whole, and return it.

    A connection that breaks is resumed where it broke. ``policy.attempts`` counts failures in a row that brought
    nothing new. ``expected`` is the SHA-256 that the file should have, where it is known; the caller checks it.
    ``stop`` ends the work at the next chunk.

    Raises:
        InputError: the URL must not be fetched, does not exist, is too large, or gives a web page.
        FetchError: the network or the server failed too often or for too long; what came is kept for the next run.
    """
    transfer = _Transfer(Part(path, url), policy, Deadline.after(policy.deadline_s), expected, watch, stop)
    try:
        with connection.opened(policy, transfer.deadline) as client:
            transfer.persist(client)
    except DeadlineError:
        raise refusals.too_late(transfer.part, policy) from None
    except OSError as error:
        raise FetchError(f"{path}: cannot be written ({error.strerror or error}); what came is kept") from None
    return transfer.part


@dataclass(frozen=True)
class _Transfer:
    part: Part
    policy: Network
    deadline: Deadline
    expected: str | None
    watch: Watch
    stop: threading.Event

    def persist(self, client: httpx.Client) -> None:
        """Attempt after attempt, until the part is whole or too many in a row brought nothing new."""
        failures, most = 0, self.part.size
        while True:
            try:
                return self._attempt(client)
            except _FAILURES as error:
                failures = 1 if self.part.size > most else failures + 1
                most = max(most, self.part.size)
                self._wait(error, failures)

    def _attempt(self, client: httpx.Client) -> None:
        part = self.part
        if not part.is_whole:
            with hops.request(client, "GET", part.url, part.wish(), self.policy) as response:
                self._begin(response)
                self._receive(response)
        if part.sha256 == self.expected:
            return
        if part.size == 0:
            raise refusals.empty(part.url)
        if self.expected is not None and part.resumed:
            part.discard()
            raise TransientError("the part of an earlier run and the rest do not fit together")
        if refusals.begins_like_a_page(part):
            raise refusals.page(part, "its first bytes")

    def _begin(self, response: httpx.Response) -> None:
        """Decide from status and headers what the body is: the rest, the whole, or nothing of use."""
        part, status, headers = self.part, response.status_code, response.headers
        if status == 206 and part.goes_on_with(headers):
            return
        if status in (206, 416):
            part.discard()
            raise TransientError("the rest that the server offers does not fit what came before")
        if status != 200:
            raise refusals.status(part.url, status, headers.get("Retry-After"))
        version = Version.of(str(response.url), headers)
        if (version.total_bytes or 0) > self.policy.max_bytes:
            raise refusals.too_large(part.url, self.policy)
        part.start(version)
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind == "text/html" and self.expected is None:
            part.path.write_bytes(next(response.iter_raw(), b""))
            raise refusals.page(part, kind)

    def _receive(self, response: httpx.Response) -> None:
        part = self.part
        total = part.version.total_bytes if part.version else None
        with part.path.open("ab") as stream:
            self.watch(part.size, total)
            for chunk in response.iter_raw():
                stream.write(chunk)
                stream.flush()  # what is counted is on the disk, whatever comes next
                part.append(chunk)
                self.watch(part.size, total)
                if part.size > self.policy.max_bytes:
                    raise refusals.too_large(part.url, self.policy)
                if self.stop.is_set():
                    raise FetchError(f"{part.url}: interrupted; what came is kept")
        if total is not None and part.size != total:
            raise TransientError(f"it ended after {part.size:,} of {total:,} bytes")

    def _wait(self, error: Exception, failures: int) -> None:
        """Sit out the time until the next attempt, or give up; a deadline that it would pass counts as passed."""
        url, policy, reason = self.part.url, self.policy, str(error) or type(error).__name__
        asked_s = error.after_s if isinstance(error, TransientError) else None
        if any(isinstance(one, ssl.SSLCertVerificationError) for one in error.args):  # httpcore hands on what it caught
            raise FetchError(f"{url}: its certificate is not to be trusted ({reason})") from None
        if failures >= policy.attempts:
            hint = refusals.proxy_hint(url) if isinstance(error, connection.FAULTS) else ""
            kept = "what came is kept for the next run"
            raise FetchError(f"{url}: {reason}; given up after {failures} attempts, {kept}{hint}")
        if asked_s is not None and asked_s > policy.max_wait_s:
            limit = f"more than download.network.max_wait_s ({policy.max_wait_s:g})"
            raise FetchError(f"{url}: {reason} and asks to wait {asked_s:.0f} s, {limit}; try again later")
        self.stop.wait(self.deadline.cap(retry.wait_s(failures, policy, asked_s)))

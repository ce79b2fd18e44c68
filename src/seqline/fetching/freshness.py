"""Whether the content behind a URL changed since it was pinned, for one request and no download."""

from typing import Literal

from seqline.errors import FetchError, InputError
from seqline.fetching import connection, hops
from seqline.fetching.deadline import Deadline, DeadlineError
from seqline.fetching.part import Version
from seqline.fetching.pins import Pin
from seqline.params.network import Network

State = Literal["same", "changed", "unknown"]

_DEADLINE_S = 30.0
_NO_HEAD = (405, 501)


def state(url: str, pin: Pin, policy: Network) -> State:
    """Ask once whether a URL still gives what is pinned; "unknown": the server names no version that could tell.

    Raises:
        FetchError: the network or the server failed, or took longer than half a minute.
        InputError: the URL must not be fetched, or gives no file any more.
    """
    deadline = Deadline.after(min(_DEADLINE_S, policy.deadline_s))
    try:
        return _ask("HEAD", url, pin, policy, deadline)
    except DeadlineError:
        raise FetchError(f"{url}: no answer within {_DEADLINE_S:g} s") from None
    except connection.FAULTS as error:
        raise FetchError(f"{url}: {error or type(error).__name__}") from None


def _ask(method: str, url: str, pin: Pin, policy: Network, deadline: Deadline) -> State:
    unless = {"If-None-Match": pin.etag, "If-Modified-Since": pin.last_modified}
    headers = {name: value for name, value in unless.items() if value}
    with (
        connection.opened(policy, deadline) as client,
        hops.request(client, method, url, headers, policy) as response,
    ):
        status, version = response.status_code, Version.of(str(response.url), response.headers)
    if method == "HEAD" and status in _NO_HEAD:
        return _ask("GET", url, pin, policy, deadline)  # its body is left where it is
    if status == 304:
        return "same"
    if status != 200:
        kind = FetchError if status >= 500 or status == 429 else InputError
        raise kind(f"{url}: the server answers {status}")
    return _compare(pin, version)


def _compare(pin: Pin, now: Version) -> State:
    if now.total_bytes is not None and now.total_bytes != pin.bytes:
        return "changed"
    for then_says, now_says in ((pin.etag, now.etag), (pin.last_modified, now.last_modified)):
        if then_says and now_says:
            return "same" if then_says.removeprefix("W/") == now_says.removeprefix("W/") else "changed"
    return "unknown"

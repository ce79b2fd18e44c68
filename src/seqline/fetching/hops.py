"""Redirects, followed by hand, because every hop has to be checked."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from seqline.errors import InputError
from seqline.fetching import addresses
from seqline.params.network import Network

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)


@contextmanager
def request(
    client: httpx.Client, method: str, url: str, headers: Mapping[str, str], policy: Network
) -> Iterator[httpx.Response]:
    """The answer at the end of the redirects, its body not read yet.

    Raises:
        InputError: a hop must not be asked, leaves https for http, or there are too many.
    """
    hop = url
    for _ in range(MAX_REDIRECTS + 1):
        _check(hop, url, allow_private=policy.allow_private_addresses)
        with _asked(client, method, hop, headers) as response:
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or location is None:
                yield response
                return
        hop = _next(hop, location)
    raise InputError(f"{url}: redirected more than {MAX_REDIRECTS} times; correct the URL")


@contextmanager
def _asked(client: httpx.Client, method: str, hop: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
    try:
        response = client.send(client.build_request(method, hop, headers=dict(headers)), stream=True)
    except (httpx.InvalidURL, httpx.RemoteProtocolError) as error:  # the latter from looking at a redirect
        raise InputError(f"{hop}: refused, it is, or redirects to, no URL ({error})") from None
    with closing(response):
        yield response


def plain(url: str) -> str:
    """A URL without query and fragment, where storage services put signatures that expire and secrets."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def _check(hop: str, first: str, *, allow_private: bool) -> None:
    try:
        addresses.check(hop, allow_private=allow_private)
    except InputError as error:
        raise (error if hop == first else InputError(f"{first}: redirects to {error}")) from None


def _next(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
    except ValueError:
        raise InputError(f"{url}: redirects to {location!a}: refused, not a URL") from None
    if urlsplit(url).scheme == "https" and target.startswith("http:"):
        raise InputError(f"{url}: redirects from https to {plain(target)}: refused, anyone on the way could change it")
    return target

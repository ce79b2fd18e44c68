"""Why an answer is not the file that was asked for: one plain line for each reason."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from seqline.errors import FetchError, InputError, MissingError
from seqline.fetching import retry
from seqline.fetching.part import Part
from seqline.fetching.retry import TransientError
from seqline.params.network import Network

_GONE = (404, 410)
_PAGE_STARTS = (b"<!doctype html", b"<html")


def status(url: str, code: int, retry_after: str | None) -> Exception:
    """For an answer that is neither 200 nor 206."""
    if retry.is_transient(code):
        return TransientError(f"the server answers {code}", retry.retry_after_s(retry_after))
    if code in _GONE:
        return MissingError(f"{url}: the server has no such file ({code}); correct the URL")
    return InputError(f"{url}: the server answers {code}, which is no file; open the URL in a browser to see why")


def empty(url: str) -> InputError:
    """For a body without a byte."""
    return InputError(f"{url}: the server gives an empty file; open the URL in a browser to see why")


def too_large(url: str, policy: Network) -> InputError:
    """For more bytes than are allowed."""
    return InputError(f"{url}: larger than download.network.max_bytes ({policy.max_bytes:,})")


def too_late(part: Part, policy: Network) -> FetchError:
    """For a deadline that has passed."""
    of = f" of {part.version.total_bytes:,}" if part.version and part.version.total_bytes else ""
    limit = f"download.network.deadline_s ({policy.deadline_s:g})"
    return FetchError(f"{part.url}: not whole within {limit}; {part.size:,}{of} bytes came, kept for the next run")


def proxy_hint(url: str) -> str:
    """For a server that cannot be reached: that the environment names a proxy for it, which is not asked."""
    parts, proxies = urlsplit(url), getproxies()
    if parts.scheme not in proxies or proxy_bypass(parts.netloc):
        return ""
    way_out = "let this machine reach the server, or fetch the file by hand and say kind: local"
    return f"; {parts.scheme.upper()}_PROXY is set, but downloads ask no proxy: {way_out}"


def begins_like_a_page(part: Part) -> bool:
    """Whether the first bytes are those of HTML, which is what a login or an error shows with status 200."""
    start = part.first_bytes(256).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(_PAGE_STARTS)


def page(part: Part, sign: str) -> InputError:
    """For HTML, as ``sign`` shows; the part is dropped."""
    start = " ".join(part.first_bytes(60).decode("ascii", "replace").split())
    part.discard()
    way_out = "open the URL in a browser to see why, or pin its sha256 if this is what you want"
    return InputError(f"{part.url}: a web page instead of a file ({sign}: {start!r}); {way_out}")

"""Which addresses may be asked: http and https on the public internet, unless private ones are allowed.

A URL, or a redirect, could otherwise make this machine read its own services, its neighbours' or a cloud's
metadata. What a name resolves to is checked, and the connection is made to the very address that was checked
(see :mod:`seqline.fetching.connection`), so that a second answer of the name server changes nothing.
"""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from seqline.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # how a network without IPv4 reaches it
# Python counts some of these as global: each carries another address inside, or belongs to one site.
_NEVER = [ipaddress.IPv6Network(one) for one in ("::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10")]


def check(url: str, *, allow_private: bool) -> None:
    """Refuse a URL by its form: scheme, credentials, and addresses that are written out.

    >>> check("http://2130706433/", allow_private=True)
    Traceback (most recent call last):
    seqline.errors.InputError: http://2130706433/: refused, 2130706433 is an address in disguise; write it in full

    Raises:
        InputError: it must not be fetched; the message says why.
    """
    parts = _split(url)
    if parts.scheme not in ("http", "https"):
        raise InputError(f"{url}: refused, only http and https are fetched")
    if parts.username is not None or parts.password is not None:
        raise InputError(f"{parts.scheme}://…@{parts.hostname}: refused, a URL with a password would end up in records")
    host = parts.hostname
    if not host:
        raise InputError(f"{url}: refused, it names no host")
    literal = _literal(host, url)
    if literal is not None and not allow_private and not is_public(literal):
        raise InputError(_private(url, str(literal)))


def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host, each of them checked, in the order of the name server.

    Raises:
        InputError: one of them is private; a name that has both kinds is not to be trusted with either.
        OSError: the name is unknown, or the name server does not answer.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not allow_private and not is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise InputError(_private(host, address))
    return addresses


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet; of one inside another (IPv6-mapped, NAT64) the inner one counts."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(address in network for network in _NEVER):
            return False
    return address.is_global and not address.is_multicast


def _split(url: str) -> SplitResult:
    if not url.isascii() or not url.isprintable() or re.search(r"[\s\\]", url):
        raise InputError(f"{url!a}: refused, a URL is printable ASCII without spaces or backslashes")
    try:
        parts = urlsplit(url)
        _ = parts.port  # checked only when read
    except ValueError as error:
        raise InputError(f"{url}: refused, not a URL ({error})") from None
    return parts


def _literal(host: str, url: str) -> Address | None:
    """The address that a host spells out; None: it is a name. Only the full dotted form of IPv4 is an address."""
    if ":" in host or "[" in url:
        try:
            return ipaddress.IPv6Address(host.partition("%")[0])
        except ValueError:
            raise InputError(f"{url}: refused, {host} is no address") from None
    if not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return None
    try:
        return ipaddress.IPv4Address(host)
    except ValueError:
        raise InputError(f"{url}: refused, {host} is an address in disguise; write it in full") from None


def _private(what: str, address: str) -> str:
    found = f"{address} is" if address in what else f"it leads to {address},"
    return (
        f"{what}: refused, {found} not an address of the public internet; "
        "for a mirror of your own set download.network.allow_private_addresses"
    )

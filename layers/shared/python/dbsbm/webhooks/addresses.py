"""Where an endpoint may be: on the public internet over https, wherever its name leads at the moment of sending.

The check is made on the resolved addresses and the connection goes to the very address that was checked, so that a name
cannot lead elsewhere in between (DNS rebinding; OWASP, "Server Side Request Forgery Prevention").
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from dbsbm.core.errors import DbsbmError

MAX_URL = 400
Resolve = Callable[[str, int], Sequence[str]]
"""``(host, port) -> addresses``; OSError when there are none."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses that carry an IPv4 address inside, which a gateway on the way may take out (RFC 6052, 8215, 3056, 4380,
# 4291), and special ones that the standard library's list of this Python takes for public.
_SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"),
        *("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "5f00::/16"),
    )
)


class AddressError(DbsbmError):
    """An endpoint may not be there; ``reason`` is "url", "https", "port", "private" or "unknown"."""

    code = "address"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """An address that reads well; where its name leads is not known yet."""

    url: str
    host: str
    port: int


def place_of(url: str, *, loopback: bool = False) -> Place:
    """Read an endpoint's address; ``loopback`` lets this machine's own in, over http too.

    Raises
    ------
    AddressError
        When it is no https address, holds a user, or names an address that is not public.
    """
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressError("url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressError("url") from error
    if not host or "@" in parts.netloc or parts.fragment or port == 0 or "%" in parts.netloc:
        raise AddressError("url")
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise AddressError("https")
    if port not in (None, 443) and not loopback:
        raise AddressError("port")  # the one door out lets nothing else through
    literal = _literal(host)
    if literal is not None:
        check(host, loopback=loopback)
    elif host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host:
        raise AddressError("private")
    return Place(url, host, port or (443 if parts.scheme == "https" else 80))


def resolved(place: Place, resolve: Resolve, *, loopback: bool = False) -> str:
    """The address to connect to: the first one its name has, IPv4 before IPv6, when all it has are allowed.

    Raises
    ------
    AddressError
        When one of them is not, or there is none.
    """
    try:
        found = list(resolve(place.host, place.port))
    except (OSError, UnicodeError) as error:
        raise AddressError("unknown") from error
    if not found:
        raise AddressError("unknown")
    for address in found:
        check(address, loopback=loopback)
    return next((address for address in found if ":" not in address), found[0])  # functions have no IPv6 of their own


def check(address: str, *, loopback: bool = False) -> None:
    """Let a public address pass.

    Raises
    ------
    AddressError
        For private, loopback, link-local (metadata), shared, reserved and multicast ones, and for IPv6 addresses that
        carry an IPv4 address inside.
    """
    found = _literal(address)
    if found is None:
        raise AddressError("unknown")
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if loopback and found.is_loopback:
        return
    if not _public(found):
        raise AddressError("private")


def system_resolve(host: str, port: int) -> Sequence[str]:
    """As the operating system does."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _literal(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _public(address: _Address) -> bool:
    if any(address in special for special in _SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id is not None or address.is_site_local):
        return False
    bad = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not bad

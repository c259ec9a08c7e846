"""Addresses that a person enters: they lead out, not into the network this machine stands in."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from service.errors import UsageFault

Resolve = Callable[[str, int], Iterable[str]]
"""The IP addresses of a host name."""


def resolve(host: str, port: int) -> Iterable[str]:
    """As this machine resolves it. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, and so is every one that is wrapped in it.

    An IPv6 address may hold an IPv4 one: mapped (RFC 4291), 6to4 (RFC 3056), Teredo (RFC 4380), NAT64 (RFC 6052).
    """
    one = ipaddress.ip_address(address.partition("%")[0])
    if not one.is_global or one.is_multicast or one in _NAT64_OF_ONES_OWN:
        return False
    if isinstance(one, ipaddress.IPv4Address):
        return True
    within = [one.ipv4_mapped, one.sixtofour, *(one.teredo or ())]
    if one in _NAT64:
        within.append(ipaddress.IPv4Address(int(one) & 0xFFFF_FFFF))
    return all(inner is None or is_public(str(inner)) for inner in within)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_OF_ONES_OWN = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: leads where the network's owner likes
_STRANGE = re.compile(r"[\\@\s\x00-\x1f\x7f]|[^\x00-\x7f]")


def refuse_private(url: str, *, is_allowed: bool, resolving: Resolve = resolve) -> None:
    """Raise UsageFault unless the address is https and leads to public addresses only; `is_allowed` lets any pass."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError as error:
        raise UsageFault("That is no web address.", remedy="It begins with https://.") from error
    if parts.scheme not in ("https", "http") or not host:
        raise UsageFault("That is no web address.", remedy="It begins with https://.")
    if is_allowed:
        return
    if parts.scheme != "https":
        raise UsageFault("The address is not encrypted.", remedy="Use one that begins with https://.")
    if _STRANGE.search(parts.netloc) or _STRANGE.search(url):
        # Two programs may take such an address apart in two ways, and go to two places.
        raise UsageFault("The address holds characters that have no place in one.", remedy="Type it again.")
    try:
        found = list(resolving(host, port))
    except (OSError, ValueError) as error:
        raise UsageFault(f"No server is known by the name {host}.", remedy="Check the address.") from error
    if not found or not all(map(is_public, found)):
        raise UsageFault(
            f"{host} leads into a private network.",
            remedy="Use a public address, or let the operator set REKINDLE_ALLOW_PRIVATE_ADDRESSES.",
        )

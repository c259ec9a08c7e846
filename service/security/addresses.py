"""Addresses that a person enters: they lead out, not into the network this machine stands in."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from service.errors import UsageFault

Resolve = Callable[[str, int], Iterable[str]]
"""The IP addresses of a host name."""


def resolve(host: str, port: int) -> Iterable[str]:
    """As this machine resolves it. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def refuse_private(url: str, *, is_allowed: bool, resolving: Resolve = resolve) -> None:
    """Raise UsageFault unless the address is https and leads to public addresses only; `is_allowed` lets any pass."""
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme not in ("https", "http") or not host:
        raise UsageFault("That is no web address.", remedy="It begins with https://.")
    if is_allowed:
        return
    if parts.scheme != "https":
        raise UsageFault("The address is not encrypted.", remedy="Use one that begins with https://.")
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in resolving(host, parts.port or 443)]
    except (OSError, ValueError) as error:
        raise UsageFault(f"No server is known by the name {host}.", remedy="Check the address.") from error
    if not found or not all(one.is_global and not one.is_multicast for one in found):
        raise UsageFault(
            f"{host} leads into a private network.",
            remedy="Use a public address, or let the operator set REKINDLE_ALLOW_PRIVATE_ADDRESSES.",
        )

"""Whose word counts about how a request came in: X-Forwarded-* only from proxies that are named in the settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST",
              "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_SSL")  # fmt: skip


class TrustedHops:
    """A WSGI layer: from a named proxy the original address, scheme and host are taken over; from others, dropped."""

    def __init__(self, inner: WSGIApplication, proxies: Sequence[str]) -> None:
        self._inner = inner
        self._networks: list[Network] = [ipaddress.ip_network(one) for one in proxies]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        said = {name: environ.pop(name) for name in _FORWARDED if name in environ}
        if said and self._is_trusted(str(environ.get("REMOTE_ADDR", ""))):
            self._take_over(environ, {name: _parts(value) for name, value in said.items()})
        return self._inner(environ, start_response)

    def _take_over(self, environ: WSGIEnvironment, said: dict[str, list[str]]) -> None:
        """Each hop adds to the right; the first that is not ours is the client, and what it says counts for nothing."""
        chain = said.get("HTTP_X_FORWARDED_FOR", [])
        ours = 1
        while ours < len(chain) and self._is_trusted(chain[-ours]):
            ours += 1
        if chain:
            environ["REMOTE_ADDR"] = chain[-ours]
        scheme = _outermost(said.get("HTTP_X_FORWARDED_PROTO", []), ours).lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if host := _outermost(said.get("HTTP_X_FORWARDED_HOST", []), ours):
            environ["HTTP_HOST"] = host

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


def public_url(environ: WSGIEnvironment, base_url: str) -> str:
    """The full address a request was sent to, its path and query word for word as they came.

    With a configured base address, what the request says of scheme and host does not count.
    """
    target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/"))
    if not target.startswith("/"):  # a whole address, as proxies may ask for it
        target = _target_of(target)
    if base_url:
        return base_url.rstrip("/") + target
    return f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST', '')}{target}"


def _target_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _parts(value: Any) -> list[str]:
    return [one.strip() for one in str(value).split(",") if one.strip()]


def _outermost(values: list[str], hops: int) -> str:
    """What the outermost of our hops said; where they replace each other's word there is one only."""
    return values[-min(hops, len(values))] if values else ""

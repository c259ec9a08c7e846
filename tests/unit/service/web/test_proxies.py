"""Whose word counts about how a request came in."""

from __future__ import annotations

from typing import Any

import pytest

from service.web.proxies import TrustedHops, public_url

INNER = "10.0.0.1"


def came_in(proxies: tuple[str, ...], **said: str) -> dict[str, Any]:
    """The environment that the application sees."""
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    environ = {"REMOTE_ADDR": INNER, "wsgi.url_scheme": "http", "HTTP_HOST": "inside:8080", "RAW_URI": "/a%2Fb?c=%3A"}
    TrustedHops(application, proxies)({**environ, **said}, lambda *_: lambda _: None)
    return seen


def test_without_named_proxies_nothing_they_say_counts_or_gets_through() -> None:
    seen = came_in((), HTTP_X_FORWARDED_HOST="evil", HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_FOR="1.2.3.4")
    assert public_url(seen, "") == "http://inside:8080/a%2Fb?c=%3A"
    assert seen["REMOTE_ADDR"] == INNER
    assert not [name for name in seen if "FORWARDED" in name]


def test_a_named_proxy_is_believed() -> None:
    seen = came_in(
        (INNER,), HTTP_X_FORWARDED_HOST="out.example", HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_FOR="1.2.3.4"
    )
    assert public_url(seen, "") == "https://out.example/a%2Fb?c=%3A"
    assert seen["REMOTE_ADDR"] == "1.2.3.4"


def test_of_a_chain_the_outermost_named_hop_is_believed_and_the_client_is_not() -> None:
    seen = came_in(
        ("10.0.0.0/8",),
        HTTP_X_FORWARDED_FOR="6.6.6.6, 1.2.3.4, 10.0.0.2",
        HTTP_X_FORWARDED_HOST="evil, out.example, middle.example",
        HTTP_X_FORWARDED_PROTO="ftp, https, http",
    )
    assert public_url(seen, "") == "https://out.example/a%2Fb?c=%3A"
    assert seen["REMOTE_ADDR"] == "1.2.3.4"


@pytest.mark.parametrize("address", ["10.0.0.9", "", "no address"])
def test_another_address_is_not_believed(address: str) -> None:
    seen = came_in((INNER,), REMOTE_ADDR=address, HTTP_X_FORWARDED_HOST="evil")
    assert public_url(seen, "").startswith("http://inside:8080/")


def test_a_configured_address_is_what_is_signed() -> None:
    assert public_url(came_in(()), "https://out.example/") == "https://out.example/a%2Fb?c=%3A"
    assert public_url({"RAW_URI": "http://x/hook?a=1"}, "https://out.example") == "https://out.example/hook?a=1"
    assert public_url({"PATH_INFO": "/hook"}, "https://out.example/app") == "https://out.example/app/hook"

"""Addresses that users enter lead out, and nowhere else: as they are written, and where they really lead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
import urllib3

from connectors.errors import Unreachable
from connectors.http import Http, HttpSettings, transport_error
from service.errors import UsageFault
from service.security.addresses import is_public, refuse_private

PUBLIC = "93.184.216.34"

INSIDE = {
    "loopback": "127.0.0.1",
    "all of 127/8": "127.255.255.254",
    "this host": "0.0.0.0",
    "private 10/8": "10.1.2.3",
    "private 172.16/12": "172.31.255.1",
    "private 192.168/16": "192.168.0.9",
    "shared by carriers": "100.64.0.1",
    "link-local, where clouds answer": "169.254.169.254",
    "of a container task": "169.254.170.2",
    "protocol assignments": "192.0.0.170",
    "documentation": "192.0.2.1",
    "benchmarking": "198.18.0.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "IPv6 loopback": "::1",
    "IPv6 this host": "::",
    "IPv6 unique local": "fd00::1",
    "IPv6, where a cloud answers": "fd00:ec2::254",
    "IPv6 link-local": "fe80::1%eth0",
    "IPv6 multicast": "ff02::1",
    "IPv6 documentation": "2001:db8::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped private": "::ffff:10.0.0.1",
    "mapped, in hexadecimal": "::ffff:7f00:1",
    "6to4 around loopback": "2002:7f00:1::",
    "6to4 around a private one": "2002:a00:1::1",
    "NAT64 around loopback": "64:ff9b::7f00:1",
    "NAT64 around where clouds answer": "64:ff9b::a9fe:a9fe",
    "NAT64 of one's own": "64:ff9b:1::1",
    "Teredo": "2001:0:7f00:1::",
}
WRITTEN = {
    "decimal": "https://2130706433/",
    "hexadecimal": "https://0x7f000001/",
    "octal": "https://0177.0.0.1/",
    "two parts": "https://127.1/",
    "one nought": "https://0/",
    "brackets": "https://[::1]/",
    "brackets, mapped": "https://[::ffff:127.0.0.1]/",
    "a port": "https://127.0.0.1:443/",
    "a name of this machine": "https://localhost/",
    "a name with a dot behind it": "https://localhost./",
    "a public name as the user": "https://api.hubapi.com@127.0.0.1/",
    "a public name and password": "https://api.hubapi.com:443@127.0.0.1/",
    "a backslash": "https://api.hubapi.com\\@127.0.0.1/",
    "another backslash": "https://127.0.0.1\\.hubapi.com/",
    "a fragment": "https://127.0.0.1#@api.hubapi.com/",
    "full-width digits": "https://１２７.0.0.1/",
    "circled digits": "https://①②⑦.⓪.⓪.①/",
    "another dot": "https://127。0。0。1/",
    "a line break": "https://127.0.0.1\n.hubapi.com/",
    "a tab": "https://127.\t0.0.1/",
    "a NUL": "https://127.0.0.1\x00.hubapi.com/",
    "a space": "https://127.0.0.1 .hubapi.com/",
    "a bad port": "https://127.0.0.1:99999/",
    "a port in words": "https://127.0.0.1:https/",
    "a bad bracket": "https://[::1/",
    "not encrypted": "http://93.184.216.34/",
    "a file": "file:///etc/passwd",
    "another scheme": "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict": "dict://127.0.0.1:6379/info",
    "ftp": "ftp://hooks.example/x",
    "data": "data:text/plain,hello",
    "a script": "javascript:alert(1)",
    "no scheme": "hooks.example",
    "a relative one": "//127.0.0.1/",
    "nothing": "https://",
}


@pytest.mark.parametrize("ip", INSIDE.values(), ids=list(INSIDE))
def test_a_name_that_leads_inside_is_refused(ip: str) -> None:
    assert not is_public(ip)
    with pytest.raises(UsageFault, match="private network"):
        refuse_private("https://hooks.example/x", is_allowed=False, resolving=lambda host, port: [PUBLIC, ip])


@pytest.mark.parametrize("url", WRITTEN.values(), ids=list(WRITTEN))
def test_an_address_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(UsageFault):
        refuse_private(url, is_allowed=False)


@pytest.mark.parametrize("url", ["ftp://hooks.example/x", "hooks.example", "https://", "file:///etc/passwd"])
def test_what_is_no_web_address_is_refused_whoever_names_it(url: str) -> None:
    with pytest.raises(UsageFault, match="no web address"):
        refuse_private(url, is_allowed=True)


@pytest.mark.parametrize(
    "ip", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "2002:5db8:d822::1"]
)
def test_a_public_address_passes(ip: str) -> None:
    refuse_private("https://hooks.example:8443/x?y=1", is_allowed=False, resolving=lambda host, port: [ip])


def test_the_operator_may_name_any() -> None:
    refuse_private("http://127.0.0.1:9/x", is_allowed=True)


# --- where it really leads


@pytest.fixture
def inside() -> Iterator[tuple[str, list[str]]]:
    """A server in the private network, and what was asked of it; /away sends on to another name of it."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def door(*, guarded: bool) -> Http:
    return Http(HttpSettings(), sleep=lambda _: None, jitter=lambda: 0.0, may_reach=is_public if guarded else None)


def test_a_name_that_leads_elsewhere_by_the_time_of_asking_is_told_nothing(inside: tuple[str, list[str]]) -> None:
    url, asked = inside
    with door(guarded=True).session() as session, pytest.raises(requests.ConnectionError) as by_session:
        session.get(url)
    with door(guarded=True).pool() as pool, pytest.raises(urllib3.exceptions.HTTPError) as by_pool:
        pool.request("GET", url)

    assert asked == []
    for refused in (by_session.value, by_pool.value):
        said = transport_error(refused, where="acme", is_write=True)
        assert isinstance(said, Unreachable), "nothing was sent, so nothing has to be looked for"
        assert "private network" in str(said)


def test_without_the_guard_the_same_door_goes_there(inside: tuple[str, list[str]]) -> None:
    url, asked = inside
    with door(guarded=False).session() as session, door(guarded=False).pool() as pool:
        assert session.get(f"{url}/one").status_code == pool.request("GET", f"{url}/two").status == 200
    assert asked == ["/one", "/two"]

"""Addresses that users enter lead out, and nowhere else."""

from __future__ import annotations

import pytest

from service.errors import UsageFault
from service.security.addresses import refuse_private


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "::1", "fd00::1", "fe80::1%eth0", "0.0.0.0",
     "::ffff:10.0.0.1", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused(ip: str) -> None:
    with pytest.raises(UsageFault, match="private network"):
        refuse_private("https://hooks.example/x", is_allowed=False, resolving=lambda host, port: ["93.184.216.34", ip])


@pytest.mark.parametrize("url", ["ftp://hooks.example/x", "hooks.example", "https://", "file:///etc/passwd"])
def test_what_is_no_web_address_is_refused_whoever_names_it(url: str) -> None:
    with pytest.raises(UsageFault, match="no web address"):
        refuse_private(url, is_allowed=True)


def test_a_public_address_passes_and_a_plain_one_does_not() -> None:
    refuse_private("https://hooks.example/x", is_allowed=False, resolving=lambda host, port: ["93.184.216.34"])
    with pytest.raises(UsageFault, match="not encrypted"):
        refuse_private("http://hooks.example/x", is_allowed=False, resolving=lambda host, port: ["93.184.216.34"])


def test_the_operator_may_name_any() -> None:
    refuse_private("http://127.0.0.1:9/x", is_allowed=True)

"""What a password costs to try, and what is told about nobody's."""

from __future__ import annotations

from service.security import passwords
from service.security.passwords import hash_password, is_password


def test_a_password_is_kept_at_the_cost_that_owasp_asks_for() -> None:
    kept = hash_password("seven maple lanterns")

    assert kept.startswith("scrypt$65536$8$2$")
    assert is_password("seven maple lanterns", kept)
    assert not is_password("seven maple lantern", kept)


def test_nobodys_password_takes_the_same_work_and_is_never_right() -> None:
    assert passwords._NOBODY.startswith("scrypt$65536$8$2$")
    assert not is_password("", None)

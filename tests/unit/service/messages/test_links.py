"""Signed links: good as they are made, refused whatever is changed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config import Settings
from service.messages.links import LIVES, Links
from service.observe.masking import masked
from service.reminders.actions import Action
from service.security.signing import Signer, load_secret

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SETTINGS = Settings(secret_key="a secret of this test", base_url="https://rekindle.example/")


def address() -> str:
    made = Links(SETTINGS).address(7, 3, Action.DONE, now=NOW)
    assert made is not None
    return made


def token() -> str:
    return address().rpartition("/")[2].partition("?")[0]


def test_a_link_says_what_it_is_about_and_until_when() -> None:
    link = Links(SETTINGS).read(token())

    assert link is not None
    assert (link.reminder_id, link.message_id, link.until) == (7, 3, NOW + LIVES)
    assert timedelta(days=14) == LIVES
    assert address().startswith("https://rekindle.example/links/")
    assert address().endswith("?do=done")


def test_every_bit_that_is_changed_makes_it_nobodys() -> None:
    links, whole = Links(SETTINGS), token()
    parts = whole.split(".")
    for place, part in enumerate(parts):
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        for bit in range(8 * len(raw)):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << (bit % 8)
            word = base64.urlsafe_b64encode(bytes(changed)).rstrip(b"=").decode()
            assert links.read(".".join([*parts[:place], word, *parts[place + 1 :]])) is None
    assert links.read(whole) is not None


@given(st.text(max_size=80))
def test_any_text_is_a_link_or_none_and_never_an_error(text: str) -> None:
    assert Links(SETTINGS).read(text) is None


def test_another_installation_reads_nothing() -> None:
    other = Settings(secret_key="another", base_url="https://rekindle.example")

    assert Links(other).read(token()) is None
    assert Signer("a secret of this test", "another purpose").read(token()) is None


def test_without_an_address_of_this_service_there_are_no_links() -> None:
    assert Links(Settings(secret_key="x")).address(7, 3, Action.DONE, now=NOW) is None


def test_no_log_holds_a_link() -> None:
    assert token() not in masked(f"GET /links/{token()}?do=done 200")


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)

    assert load_secret(settings) == load_secret(settings)
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("words", ["secret_key = 'kept'\n"])
def test_the_secret_beside_the_keys_counts(tmp_path: Path, words: str) -> None:
    (tmp_path / "keys.toml").write_text(words)

    assert load_secret(Settings(home=tmp_path)) == "kept"

"""Passwords from breaches are refused: those of the shipped list, and those of the operator's, however long it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import UsageFault
from service.security.breached import check_list, is_breached
from service.security.passwords import check_new_password


def listed(folder: Path, *passwords: str, ending: str = ":17\r\n") -> str:
    """A file of these as Pwned Passwords has them: hashes in order, each with how often it was seen."""
    hashes = sorted(hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in passwords)
    file = folder / "pwned.txt"
    file.write_bytes("".join(one + ending for one in hashes).encode())
    return str(file)


@pytest.mark.parametrize("known", ["bringmetolife", "BringMeToLife", "williamlorenzo1"])
def test_a_password_of_the_shipped_list_is_refused_in_whatever_case(known: str) -> None:
    with pytest.raises(UsageFault, match="found in a breach"):
        check_new_password(known, email="ada@example.com")


def test_a_password_of_the_operators_list_is_refused_and_no_other(tmp_path: Path) -> None:
    file = listed(tmp_path, "seven maple lanterns", "another one of many")

    with pytest.raises(UsageFault, match="found in a breach"):
        check_new_password("seven maple lanterns", email="ada@example.com", breached=file)
    check_new_password("Seven maple lanterns", email="ada@example.com", breached=file)


@given(st.sets(st.text(max_size=4), min_size=0, max_size=40), st.sampled_from(["\n", ":3\n", ":123456789\r\n"]))
def test_each_line_of_a_list_is_found(tmp_path_factory: pytest.TempPathFactory, words: set[str], ending: str) -> None:
    file = listed(tmp_path_factory.mktemp("list"), *words, ending=ending)

    assert all(is_breached(word, listed=file) for word in words)
    assert not is_breached("never in it", listed=file)


@pytest.mark.parametrize("content", ["password\n123456\n", "8846F7EAEE8FB117AD06BDD830B7586C:5\n", "ä" * 50])
def test_what_is_no_list_of_hashes_is_said_at_the_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "words.txt"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UsageFault, match="cannot be read as such a list"):
        check_list(str(file))
    with pytest.raises(UsageFault, match="cannot be read as such a list"):
        check_list(str(tmp_path / "missing.txt"))

"""JSON as CRMs really send it."""

from __future__ import annotations

import orjson
import pytest

from connectors.json_text import parse_json


def test_half_an_emoji_does_not_spoil_the_answer() -> None:
    assert parse_json(b'{"notes": "cut \\ud83d", "name": "Acme"}') == {"notes": "cut \ufffd", "name": "Acme"}
    assert parse_json(b'["\\uDC00x", "\\ud83d\\ud83d\\ude00"]') == ["\ufffdx", "\ufffd😀"]


def test_what_is_whole_or_only_looks_like_an_escape_stays_as_it_is() -> None:
    assert parse_json(b'["\\ud83d\\ude00", "C:\\\\ud800", "\\ud83d"]') == ["😀", "C:\\ud800", "\ufffd"]


def test_bytes_that_are_no_text_become_the_replacement_character() -> None:
    assert parse_json(b'["caf\xe9"]') == ["caf\ufffd"]


@pytest.mark.parametrize("body", [b"<html>", b"{", b""])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        parse_json(body)

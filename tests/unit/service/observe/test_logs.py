"""Logs: readable by programs and people, with an id, and without a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from service.observe.logging import OURS, configure_logging, logger
from service.observe.masking import masked, masked_values


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the logs go; Python's own set-up comes back afterwards."""
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in OURS)]
    before = [(one, list(one.handlers), one.level) for one in loggers]
    yield io.StringIO()
    for one, handlers, level in before:
        one.handlers = handlers
        one.setLevel(level)
    structlog.contextvars.clear_contextvars()


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_line_is_one_json_object_with_the_requests_id(stream: io.StringIO) -> None:
    configure_logging("json", stream=stream)
    structlog.contextvars.bind_contextvars(request_id="r1")
    logger("service.somewhere").info("It was done.", deals=3)
    logging.getLogger("connectors.somewhere").warning("%s went away", "acme")
    ours, theirs = written(stream)
    assert (ours["event"], ours["deals"], ours["level"], ours["request_id"]) == ("It was done.", 3, "info", "r1")
    assert (theirs["event"], theirs["request_id"]) == ("acme went away", "r1")
    assert ours["timestamp"].endswith("Z")


def test_an_exception_is_written_with_its_place_and_without_its_secrets(stream: io.StringIO) -> None:
    configure_logging("json", stream=stream)
    try:
        int("Bearer abc.def whsec_0123 https://user:hunter2@host/")
    except ValueError:
        logger("service.somewhere").exception("It failed.", token="abc", path="/webhooks/salesforce/acme/secret-token")
    (line,) = written(stream)
    assert "ValueError" in line["exception"]
    for secret in ("abc", "whsec_0123", "hunter2", "secret-token"):
        assert secret not in stream.getvalue()


def test_what_others_wrote_begins_no_line_and_moves_no_cursor(stream: io.StringIO) -> None:
    configure_logging("console", stream=stream)
    logger("service.x").info("request", path="/webhooks/a\r\nFAKE\x1b[31m\x00")
    logger("service.x").info("told\nFAKE line \x1b[31m")

    lines = stream.getvalue().splitlines()
    assert all(line.isprintable() for line in lines)
    assert not any(line.startswith("FAKE") for line in lines)
    assert "FAKE" in stream.getvalue()


def test_for_people_it_is_one_readable_line(stream: io.StringIO) -> None:
    configure_logging("console", stream=stream)
    logger("service.somewhere").info("It was done.", deals=3)
    assert "It was done." in stream.getvalue()
    assert "deals=3" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("POST /webhooks/salesforce/acme/s3cret HTTP", "POST /webhooks/salesforce/acme/*** HTTP"),
        ("/links/Zm9vYmFyYmF6cXV4LWFuZC1tb3JlLTEyMw?x=1", "/links/***?x=1"),
        ("Authorization: Bearer a.b.c", "Authorization: Bearer ***"),
        ("postgresql://app:pass@db/rekindle", "postgresql://***@db/rekindle"),
        ("acme: deal 006A was read", "acme: deal 006A was read"),
        ("/webhooks/hubspot", "/webhooks/hubspot"),
    ],
)
def test_what_opens_something_is_masked_and_the_rest_is_not(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_values_with_a_telling_name_are_masked_whole() -> None:
    given = {"client_secret": "x", "Authorization": "y", "api_key": 7, "deal": "006", "token": "", "count": 3}
    expected = {**given, "client_secret": "***", "Authorization": "***", "api_key": "***"}
    assert masked_values(given) == expected

"""What each of HubSpot's refusals means, and what the reader is told."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import (
    ConnectorError,
    Gone,
    MissingPermission,
    NeedsReconnect,
    RateLimited,
    Rejected,
    ServerError,
    Transient,
    Unsupported,
)
from connectors.hubspot.answers import Answer, Waits, error_of
from connectors.hubspot.batches import error_of_row
from tests.unit.connectors.hubspot.samples import sample, sample_bytes

WAITS = Waits(burst_s=10, search_s=1, day_s=7200)


def error(status: int, body: bytes = b"", *, is_search: bool = False, **headers: str) -> ConnectorError:
    """What an answer means."""
    answer = Answer(
        status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    return error_of(answer, where="HubSpot connection acme", doing="GET /crm", is_search=is_search, waits=WAITS)


def test_a_refused_token_needs_a_person() -> None:
    assert isinstance(error(401, sample_bytes("errors", "e401")), NeedsReconnect)
    assert isinstance(error(401, b'{"category":"EXPIRED_AUTHENTICATION"}'), NeedsReconnect)


def test_a_missing_scope_is_named_with_the_remedy() -> None:
    found = error(403, sample_bytes("errors", "e403"))
    assert isinstance(found, MissingPermission)
    assert found.scope == "crm.objects.companies.write"
    assert "crm.objects.companies.write" in found.remedy


def test_a_403_that_explains_nothing_is_still_about_rights() -> None:
    assert isinstance(error(403, b"<html>Forbidden</html>"), MissingPermission)


@pytest.mark.parametrize(
    ("name", "is_search", "policy", "wait"),
    [
        ("e429_burst", False, "TEN_SECONDLY_ROLLING", 10),
        ("e429_daily", False, "DAILY", 7200),
        ("e429_search", True, "SECONDLY", 1),
    ],
)
def test_a_limit_is_waited_for_by_its_policy(name: str, is_search: bool, policy: str, wait: float) -> None:
    found = error(429, sample_bytes("errors", name), is_search=is_search)
    assert isinstance(found, RateLimited)
    assert (found.policy, found.retry_after_s) == (policy, wait)


def test_a_limit_without_a_name_goes_by_the_endpoint_and_the_header_wins() -> None:
    plain, search, named = error(429), error(429, is_search=True), error(429, b"<html>", retry_after="7")
    assert [found.retry_after_s for found in (plain, search, named) if isinstance(found, RateLimited)] == [10, 1, 7]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 522, 523, 524])
def test_a_server_in_trouble_is_tried_again_though_it_answers_in_html(status: int) -> None:
    assert isinstance(error(status, b"<html><title>502</title></html>"), ServerError)


def test_locked_and_migrating_portals_are_waited_for() -> None:
    locked, migrating = error(423), error(477, retry_after="120")
    assert isinstance(locked, Transient)
    assert isinstance(migrating, Transient)
    assert (locked.retry_after_s, migrating.retry_after_s) == (2, 120)


def test_a_bad_value_is_told_in_hubspots_words() -> None:
    found = error(400, sample_bytes("errors", "e400_values"))
    assert isinstance(found, Rejected)
    assert (found.code, found.fields) == ("INVALID_OPTION", ("rejection_sub_reason",))
    assert "rejection_sub_reason: frozen was not one of the allowed options" in str(found)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"errors":"x","message":7,"context":[]}', b"\xff"])
@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 409, 414, 423, 429, 477, 500])
def test_no_body_is_too_odd_for_an_error(status: int, body: bytes) -> None:
    assert "HubSpot connection acme" in str(error(status, body))


def test_a_record_that_is_gone_is_told_from_an_address_that_is_not_there() -> None:
    assert isinstance(error(404, sample_bytes("errors", "e404")), Gone)
    assert isinstance(error(404, b"<html>"), Unsupported)


def test_a_message_never_tells_a_token() -> None:
    body = b'{"message":"The token pat-na1-11111111-2222-3333 is\\n expired"}'
    assert "pat-na1-1" not in str(error(401, body))
    assert "\n" not in str(error(400, body))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"category": "OBJECT_NOT_FOUND", "message": "x"}, Gone),
        ({"category": "VALIDATION_ERROR", "message": "x"}, Rejected),
        ({"category": "RATE_LIMITS", "message": "x"}, RateLimited),
        ({"category": "INTERNAL_ERROR", "message": "x"}, ServerError),
        ({"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}, Gone),
        ({"category": "MISSING_SCOPES", "errors": sample("errors", "e403")["errors"]}, MissingPermission),
        ({}, Rejected),
    ],
)
def test_an_error_inside_a_batch_means_what_it_would_alone(row: dict[str, Any], kind: type) -> None:
    assert isinstance(error_of_row(row, "acme"), kind)

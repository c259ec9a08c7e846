"""Error bodies of every form become errors that say whether to try again."""

from __future__ import annotations

import pytest

from connectors.errors import ConnectorError, Gone, MissingPermission, RateLimited, Rejected, ServerError, Unsupported
from connectors.salesforce.answers import (
    Fault,
    LocatorExpired,
    SessionExpired,
    UnknownField,
    answer_error,
    crm_words,
    fault_error,
    first_fault,
    record_faults,
)
from connectors.salesforce.client import Usage, choose_version, parse_usage
from tests.unit.connectors.salesforce.samples import sample, sample_bytes


def error_of(status: int, body: bytes, **headers: str) -> ConnectorError:
    return answer_error(status, headers, body, where="acme", doing="reading deals")


def test_two_broken_rules_are_told_together() -> None:
    error = error_of(400, sample_bytes("errors/two_rules.json"))
    assert isinstance(error, Rejected)
    assert "Enter a competitor.; Close date lies in the past." in str(error)
    assert error.fields == ("Competitor__c", "CloseDate")


def test_a_column_that_is_not_there_is_named_without_the_query() -> None:
    error = error_of(400, sample_bytes("errors/unknown_column.json"))
    assert isinstance(error, UnknownField)
    assert error.fields == ("CurrencyIsoCode",)
    assert "SELECT" not in str(error)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "INVALID_SESSION_ID", SessionExpired),
        (400, "INVALID_QUERY_LOCATOR", LocatorExpired),
        (400, "UNABLE_TO_LOCK_ROW", ServerError),
        (400, "QUERY_TIMEOUT", ServerError),
        (500, "UNKNOWN_EXCEPTION", ServerError),
        (404, "ENTITY_IS_DELETED", Gone),
        (404, "NOT_FOUND", Unsupported),
        (403, "FORBIDDEN", MissingPermission),
        (403, "SOME_NEW_CODE", MissingPermission),
        (503, "SOME_NEW_CODE", ServerError),
        (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", MissingPermission),
        (400, "STORAGE_LIMIT_EXCEEDED", Rejected),
        (400, "SOME_NEW_CODE", Rejected),
    ],
)
def test_the_code_decides_and_then_the_status(status: int, code: str, expected: type[ConnectorError]) -> None:
    assert type(error_of(status, b'[{"errorCode":"%s","message":"m"}]' % code.encode())) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, b"<html>down</html>", ServerError),
        (420, b"<html>slow down</html>", RateLimited),
        (406, b"", ServerError),
        (302, b"", Unsupported),
        (404, b"<html>no</html>", Unsupported),
        (401, b"<html>no</html>", SessionExpired),
        (403, b"Forbidden", MissingPermission),
        (400, b'"text"', Rejected),
    ],
)
def test_a_body_that_is_no_error_array_is_judged_by_its_status(
    status: int, body: bytes, expected: type[ConnectorError]
) -> None:
    assert type(error_of(status, body)) is expected


def test_the_days_limit_is_long_and_the_concurrent_one_short() -> None:
    day = fault_error(Fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), where="a", doing="b")
    now = fault_error(Fault("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."), where="a", doing="b")
    assert isinstance(day, RateLimited)
    assert isinstance(now, RateLimited)
    assert (day.retry_after_s or 0) >= 3600
    assert now.retry_after_s is None


def test_a_gateways_wait_is_kept() -> None:
    error = error_of(429, b"", **{"Retry-After": "7"})
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 7


def test_a_record_of_a_collection_tells_its_own_words() -> None:
    _, refused = sample("collection/answer.json")
    error = fault_error(first_fault(record_faults(refused["errors"])), where="acme", doing="writing tasks")
    assert isinstance(error, Rejected)
    assert "bad value for restricted picklist field" in str(error)
    assert error.remedy


def test_words_of_the_crm_are_shown_without_addresses_tokens_and_queries() -> None:
    said = crm_words("see https://acme.my.salesforce.com/x with 00Dxx0000001gPL!AQsecret now")
    assert said == "see (address) with (token) now"
    assert crm_words("select Id from Opportunity where x") == ""


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([{"version": "61.0"}, {"version": "62.0"}, {"version": "68.0"}], "62.0"),
        ([{"version": "58.0"}, {"version": "60.0"}], "60.0"),
        ([{"version": "66.0"}, {"version": "65.0"}], "65.0"),
        ({"not": "a list"}, "62.0"),
    ],
)
def test_the_version_is_ours_or_the_nearest_the_server_has(offered: object, chosen: str) -> None:
    assert choose_version(offered) == chosen


def test_the_orgs_usage_is_read_from_the_header() -> None:
    assert parse_usage("api-usage=18/5000") == Usage(18, 5000)
    assert parse_usage("api-usage=25/5000; per-app-api-usage=17/250(appName=x)") == Usage(25, 5000)
    assert parse_usage("nonsense") is None

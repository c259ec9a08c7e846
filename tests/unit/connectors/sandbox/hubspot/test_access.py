"""Tokens, scopes and rate limits, with the bodies clients have to read."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from connectors.sandbox.hubspot import DEMO_TOKEN, OAuthApp, RateLimits
from tests.unit.connectors.sandbox.hubspot.client import Client, client, condition

READ_ONLY = {
    "pat-read": frozenset({"crm.objects.deals.read", "crm.objects.contacts.read", "crm.objects.owners.read"}),
    DEMO_TOKEN: frozenset({"crm.objects.deals.read"}),
}


@pytest.mark.parametrize("token", ["", "pat-wrong"])
def test_an_unknown_token_is_a_401_with_a_correlation_id(token: str) -> None:
    crm = client()
    crm.token = token

    answer = crm.get("/crm/v3/objects/deals")

    assert answer.status == 401
    assert answer.json["category"] == "INVALID_AUTHENTICATION"
    assert answer.json["correlationId"] == answer.headers["x-hubspot-correlation-id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "scope"),
    [
        ("GET", "/crm/v3/objects/companies", None, "crm.objects.companies.read"),
        ("POST", "/crm/v3/objects/tasks/batch/create", {"inputs": [{}]}, "crm.objects.contacts.write"),
        ("PATCH", "/crm/objects/2026-09/deals/9001", {"properties": {}}, "crm.objects.deals.write"),
        ("POST", "/crm/v3/properties/deals", {}, "crm.schemas.deals.write"),
        ("POST", "/crm/v4/associations/deals/companies/batch/read", {"inputs": []}, "crm.objects.companies.read"),
    ],
)
def test_a_missing_scope_is_a_403_that_names_it(method: str, path: str, body: object, scope: str) -> None:
    crm = client(tokens=READ_ONLY)
    crm.token = "pat-read"

    answer = crm.send(method, path, body)

    assert answer.status == 403
    assert answer.json["category"] == "MISSING_SCOPES"
    assert scope in answer.json["errors"][0]["context"]["requiredGranularScopes"]


def test_no_scope_lets_an_app_add_a_property_to_tasks() -> None:
    body = {"name": "our_key", "label": "K", "type": "string", "fieldType": "text", "groupName": "task"}

    assert client().post("/crm/v3/properties/tasks", body).status == 403


def test_the_eleventh_call_within_ten_seconds_is_a_429_until_the_first_is_ten_seconds_old() -> None:
    crm = client(limits=RateLimits(burst=10))
    left = [crm.get("/crm/v3/owners").headers["X-HubSpot-RateLimit-Remaining"] for _ in range(10)]

    refused = crm.get("/crm/v3/owners")
    crm.now += timedelta(seconds=10)

    assert left == [str(n) for n in range(9, -1, -1)]
    assert refused.status == 429
    assert refused.json["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused.json["message"] == "You have reached your ten_secondly_rolling limit."
    assert "Retry-After" not in refused.headers
    assert crm.get("/crm/v3/owners").status == 200


def test_searches_are_counted_by_the_second_for_the_whole_account_and_show_no_headers() -> None:
    crm = client(tokens={DEMO_TOKEN: frozenset({"crm.objects.deals.read"}), "b": frozenset({"crm.objects.deals.read"})})
    other = Client(crm.portal, token="b")
    found = [crm.search("deals"), crm.search("0-3"), crm.search("deals"), other.search("deals"), other.search("deals")]

    refused = other.search("deals")
    crm.now += timedelta(seconds=1)

    assert {answer.status for answer in found} == {200}
    assert not any(name.startswith("X-HubSpot-RateLimit") for name in found[0].headers)
    assert (refused.status, refused.json["policyName"]) == (429, "SECONDLY")
    assert refused.json["message"] == "You have reached your secondly limit."
    assert crm.search("deals").status == 200


def test_the_daily_limit_ends_at_midnight_in_the_portals_zone() -> None:
    crm = client(limits=RateLimits(daily=1))
    crm.get("/crm/v3/owners")

    refused = crm.get("/crm/v3/owners")
    crm.now = crm.now.replace(hour=23)  # 0:00 in Berlin

    assert (refused.status, refused.json["policyName"]) == (429, "DAILY")
    assert crm.get("/crm/v3/owners").status == 200


def test_limits_can_be_switched_off() -> None:
    crm = client(limits=None)

    assert {crm.search("deals", condition("amount", "GT", "1")).status for _ in range(50)} == {200}


def _refresh(crm: Client, **changes: str) -> tuple[int, dict[str, str]]:
    form = {
        "grant_type": "refresh_token",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "r",
        **changes,
    }
    crm.headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = crm.send("POST", "/oauth/v1/token", urlencode(form).encode())
    crm.headers = {}
    return answer.status, answer.json


def test_an_oauth_token_lives_for_half_an_hour() -> None:
    crm = client(oauth_apps=(OAuthApp(client_id="id", client_secret="secret", refresh_token="r"),))
    status, token = _refresh(crm)
    crm.token = token["access_token"]

    before = crm.get("/crm/v3/owners")
    crm.now += timedelta(seconds=1800)
    after = crm.get("/crm/v3/owners")

    assert (status, int(token["expires_in"])) == (200, 1800)
    assert before.status == 200
    assert "X-HubSpot-RateLimit-Daily" not in before.headers
    assert (after.status, after.json["category"]) == (401, "EXPIRED_AUTHENTICATION")


def test_a_wrong_refresh_token_is_a_400_with_its_own_status_word() -> None:
    crm = client(oauth_apps=(OAuthApp(client_id="id", client_secret="secret", refresh_token="r"),))

    status, body = _refresh(crm, refresh_token="other")

    assert (status, body["status"]) == (400, "BAD_REFRESH_TOKEN")


def test_a_token_can_be_asked_for_its_scopes_and_the_account_for_its_zone() -> None:
    crm = client()

    info = crm.post("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": DEMO_TOKEN})
    account = crm.get("/account-info/v3/details")

    assert "crm.objects.deals.read" in info.json["scopes"]
    assert info.json["hubId"] == account.json["portalId"] == 62515
    assert (account.json["timeZone"], account.json["utcOffset"]) == ("Europe/Berlin", "+01:00")

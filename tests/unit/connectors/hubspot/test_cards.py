"""Who asks by a card on a HubSpot page: only what HubSpot signed counts, and each thing only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cards import CardCaller
from connectors.hubspot.cards import parse_card_call
from connectors.hubspot.identity import OWNERS
from connectors.hubspot.signatures import signature_v3
from connectors.webhooks import Refusal, WebhookRejected, WebhookSecrets

SECRET, OTHER = "the-apps-secret", "another-apps-secret"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BASE = "https://rekindle.example/cards/hubspot/deals/17"
ADDED = "?userId=5&portalId=62515&userEmail=ann%40acme.example&appId=9"
APPS = WebhookSecrets(app=(SECRET,))


def headers(
    url: str, *, secret: str = SECRET, method: str = "GET", body: bytes = b"", at: datetime = NOW
) -> dict[str, str]:
    timestamp = str(int(at.timestamp() * 1000))
    return {
        "x-hubspot-signature-v3": signature_v3(secret, url=url, body=body, timestamp=timestamp, method=method),
        "x-hubspot-request-timestamp": timestamp,
    }


def called(url: str, *, secrets: WebhookSecrets = APPS, secret: str = SECRET) -> CardCaller:
    return parse_card_call(headers(url, secret=secret), b"", secrets, NOW, method="GET", url=url)


def refusal(given: dict[str, str], url: str, *, secrets: WebhookSecrets = APPS, body: bytes = b"") -> Refusal:
    with pytest.raises(WebhookRejected) as error:
        parse_card_call(given, body, secrets, NOW, method="GET", url=url)
    return error.value.reason


def test_hubspot_says_whose_card_it_is_and_who_looks_at_it() -> None:
    assert called(BASE + ADDED) == CardCaller(account_id="62515", email="ann@acme.example")


@pytest.mark.parametrize(
    ("written", "email"),
    [("ann+x@acme.example", "ann+x@acme.example"), ("ann%2Bx%40acme.example", "ann+x@acme.example")],
)
def test_an_address_with_a_plus_sign_stays_itself(written: str, email: str) -> None:
    assert called(f"{BASE}?portalId=62515&userEmail={written}").email == email


def test_a_portal_without_a_known_id_is_told_by_its_own_secret() -> None:
    mark = f"{OWNERS}0123456789ab"
    secrets = WebhookSecrets(app=(OTHER,), by_account={mark: (SECRET,)})

    assert called(BASE + ADDED, secrets=secrets).account_id == mark


def test_a_portals_own_secret_shuts_out_the_apps() -> None:
    secrets = WebhookSecrets(app=(SECRET,), by_account={"62515": (OTHER,)})

    assert refusal(headers(BASE + ADDED), BASE + ADDED, secrets=secrets) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"x-hubspot-signature-v3": ""}, Refusal.UNSIGNED),
        ({"x-hubspot-signature-v3": "", "x-hubspot-signature": "ab"}, Refusal.UNSUPPORTED_SIGNATURE),
        ({"x-hubspot-signature-v3": "bm8="}, Refusal.BAD_SIGNATURE),
        ({"x-hubspot-request-timestamp": ""}, Refusal.BAD_TIMESTAMP),
    ],
)
def test_what_is_not_signed_is_refused(change: dict[str, str], reason: Refusal) -> None:
    assert refusal({**headers(BASE + ADDED), **change}, BASE + ADDED) is reason


def test_what_was_signed_too_long_ago_is_refused() -> None:
    old = headers(BASE + ADDED, at=NOW - timedelta(minutes=6))

    assert refusal(old, BASE + ADDED) is Refusal.TOO_OLD


@pytest.mark.parametrize(
    "other",
    [
        BASE + ADDED.replace("62515", "62516"),
        BASE + ADDED.replace("ann", "boss"),
        BASE.replace("17", "18") + ADDED,
    ],
)
def test_a_signature_is_good_for_its_own_address_alone(other: str) -> None:
    assert refusal(headers(BASE + ADDED), other) is Refusal.BAD_SIGNATURE


def test_a_signature_is_good_for_its_own_verb_and_body_alone() -> None:
    url = BASE + ADDED

    assert refusal(headers(url, method="POST"), url) is Refusal.BAD_SIGNATURE
    assert refusal(headers(url), url, body=b"{}") is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("?portalId=62515&userEmail=boss@acme.example&userEmail=ann@acme.example", Refusal.MALFORMED),
        ("?portalId=62515&portalId=7&userEmail=ann@acme.example", Refusal.BAD_SIGNATURE),
        ("?portalId=62515&user%45mail=boss@acme.example&userEmail=ann@acme.example", Refusal.MALFORMED),
        ("?portalId=62515", Refusal.MALFORMED),
        ("?portalId=62515&userEmail=", Refusal.MALFORMED),
        ("?portalId=62515&userEmail=a%00@b", Refusal.MALFORMED),
        ("?userEmail=ann@acme.example", Refusal.BAD_SIGNATURE),
        ("", Refusal.BAD_SIGNATURE),
    ],
)
def test_portal_and_person_are_each_named_once(query: str, reason: Refusal) -> None:
    assert refusal(headers(BASE + query), BASE + query) is reason


@given(query=st.text(max_size=60), body=st.binary(max_size=20), signature=st.text(max_size=20))
def test_any_call_is_read_or_refused(query: str, body: bytes, signature: str) -> None:
    given = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": str(int(NOW.timestamp() * 1000))}
    with pytest.raises(WebhookRejected):
        parse_card_call(given, body, APPS, NOW, method="GET", url=f"{BASE}?{query}")

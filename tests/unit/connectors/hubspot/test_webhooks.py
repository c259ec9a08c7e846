"""HubSpot's webhooks: the published signatures, the clock, whose secret counts, and which deals are named."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hubspot.utils.signature import Signature
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hubspot.signatures import decoded_uri, signature_v1, signature_v3
from connectors.hubspot.webhooks import parse_webhook
from connectors.webhooks import Refusal, Webhook, WebhookRejected, WebhookSecrets

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URL = "https://www.example.com/webhook_uri"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
# From the published test of the Python and Ruby libraries.
SDK_BODY = b"{'example_field':'example_value'}"
EXAMPLE = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":'
    b'"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
)


APPS = WebhookSecrets(app=(SECRET,))


def event(**values: Any) -> dict[str, Any]:
    shared = {
        "eventId": 100,
        "portalId": 62515,
        "occurredAt": 1_795_000_000_000,
        "subscriptionType": "object.propertyChange",
        "objectTypeId": "0-3",
        "objectId": 123,
        "propertyName": "dealstage",
        "attemptNumber": 0,
    }
    return {**shared, **values}


def signed(body: bytes, *, secret: str = SECRET, url: str = URL, at: datetime = NOW) -> dict[str, str]:
    timestamp = str(int(at.timestamp() * 1000))
    return {
        "x-hubspot-signature-v3": signature_v3(secret, url=url, body=body, timestamp=timestamp),
        "x-hubspot-request-timestamp": timestamp,
    }


def parsed(*events: Any, secrets: WebhookSecrets = APPS, signer: str = SECRET) -> Webhook:
    body = orjson.dumps(list(events))
    return parse_webhook(signed(body, secret=signer), body, secrets, NOW, url=URL)


def refusal(headers: dict[str, str], body: bytes, *, secrets: WebhookSecrets | None = None, url: str = URL) -> Refusal:
    with pytest.raises(WebhookRejected) as error:
        parse_webhook(headers, body, secrets or WebhookSecrets(app=(SECRET,)), NOW, url=url)
    assert SECRET not in error.value.says
    return error.value.reason


@pytest.mark.parametrize(
    ("timestamp", "made"),
    [
        ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ],
)
def test_the_published_signatures_of_version_3_are_ours(timestamp: str, made: str) -> None:
    assert signature_v3(SECRET, url=URL, body=SDK_BODY, timestamp=timestamp) == made


def test_the_published_signature_of_version_1_is_ours() -> None:
    made = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
    assert signature_v1(SECRET, body=EXAMPLE) == made


@pytest.mark.parametrize(
    ("query", "signed_as"),
    [
        ("", ""),
        ("?a=x%3Ay%2Fz%40h", "?a=x:y/z@h"),
        ("?a=%3F%21%24%27%28%29%2A%2C%3B", "?a=?!$'()*,;"),
        ("?a=b%20c%26d%3D", "?a=b%20c%26d%3D"),
        ("?a=%253A", "?a=%253A"),
    ],
)
def test_only_the_listed_characters_of_the_address_are_decoded(query: str, signed_as: str) -> None:
    assert decoded_uri(URL + query) == URL + signed_as
    made = base64.b64encode(hmac.digest(SECRET.encode(), f"POST{URL}{signed_as}x7".encode(), "sha256")).decode()
    assert signature_v3(SECRET, url=URL + query, body=b"x", timestamp="7") == made


def test_the_vendors_library_makes_the_same_signature() -> None:
    ours = signature_v3(SECRET, url=URL, body=b'{"a":1}', timestamp="1693657560000")
    theirs = Signature.get_signature(SECRET, '{"a":1}', "v3", URL, "POST", "1693657560000")
    assert ours == theirs


@pytest.mark.parametrize(("away", "reason"), [(-300, None), (300, None), (-301, "too_old"), (301, "too_new")])
def test_a_signature_counts_for_five_minutes_either_way(away: int, reason: str | None) -> None:
    body = orjson.dumps([event()])
    headers = signed(body, at=NOW + timedelta(seconds=away))
    if reason is None:
        assert parse_webhook(headers, body, WebhookSecrets(app=(SECRET,)), NOW, url=URL).events
    else:
        assert refusal(headers, body) == reason


@pytest.mark.parametrize("timestamp", ["", "x", " 1", "-1", "1_000", "１", "9" * 40])
def test_a_timestamp_is_digits_and_nothing_else(timestamp: str) -> None:
    headers = {"x-hubspot-signature-v3": "x", "x-hubspot-request-timestamp": timestamp}
    assert refusal(headers, b"[]") in {Refusal.BAD_TIMESTAMP, Refusal.TOO_OLD}


def test_a_portals_own_secret_counts_and_for_others_the_apps() -> None:
    secrets = WebhookSecrets(app=("app",), by_account={"62515": ("own", "former")})
    for signer in ("own", "former"):
        assert [one.key.account_id for one in parsed(event(), secrets=secrets, signer=signer).events] == ["62515"]
    assert [one.key.account_id for one in parsed(event(portalId=7), secrets=secrets, signer="app").events] == ["7"]
    for others, signer in ((event(), "app"), (event(portalId=7), "own")):
        body = orjson.dumps([others])
        assert refusal(signed(body, secret=signer), body, secrets=secrets) is Refusal.BAD_SIGNATURE


def test_a_portal_connected_without_its_id_is_told_by_its_own_secret() -> None:
    secrets = WebhookSecrets(by_account={"portal-o123": ("own",), "7": ("seven",)})
    assert [one.key.account_id for one in parsed(event(), secrets=secrets, signer="own").events] == ["portal-o123"]
    for others, signer in ((event(), "seven"), (event(portalId=7), "own")):
        body = orjson.dumps([others])
        assert refusal(signed(body, secret=signer), body, secrets=secrets) is Refusal.BAD_SIGNATURE


def test_in_a_mixed_batch_only_the_portals_of_the_signer_are_told() -> None:
    secrets = WebhookSecrets(app=("app",), by_account={"62515": ("own",)})
    found = parsed(event(), event(portalId=7), secrets=secrets, signer="own")
    assert [one.key.account_id for one in found.events] == ["62515"]
    assert found.left_out == {"other_secret": 1}


def test_version_1_counts_only_where_it_is_switched_on() -> None:
    body = orjson.dumps([event()])
    headers = {"x-hubspot-signature": signature_v1(SECRET, body=body), "x-hubspot-signature-version": "v1"}
    assert refusal(headers, body) is Refusal.UNSUPPORTED_SIGNATURE
    allowed = WebhookSecrets(app=(SECRET,), allows_v1=True)
    assert parse_webhook(headers, body, allowed, NOW, url=URL).events
    # A wrong signature of version 3 is not made good by one of version 1.
    assert refusal({**signed(b"other"), **headers}, body, secrets=allowed) is Refusal.BAD_SIGNATURE
    assert (
        refusal({**headers, "x-hubspot-signature-version": "v2"}, body, secrets=allowed)
        is Refusal.UNSUPPORTED_SIGNATURE
    )


def test_no_signature_and_no_secret_are_refusals() -> None:
    assert refusal({}, b"[]") is Refusal.UNSIGNED
    body = orjson.dumps([event()])
    assert refusal(signed(body, secret=""), body, secrets=WebhookSecrets()) is Refusal.BAD_SIGNATURE


def test_a_body_that_is_no_list_is_malformed_only_if_it_is_signed() -> None:
    for body in (b"", b"{", b"7", b"null", b"\xff", b"[" * 5000):
        assert refusal(signed(body), body) is Refusal.MALFORMED
        assert refusal(signed(body, secret="other"), body) is Refusal.BAD_SIGNATURE
    own = WebhookSecrets(by_account={"1": ("own",)})
    assert refusal(signed(b"{", secret="own"), b"{", secrets=own) is Refusal.MALFORMED
    assert parse_webhook(signed(b"[]", secret="own"), b"[]", own, NOW, url=URL).events == ()


@pytest.mark.parametrize(
    ("values", "deals"),
    [
        ({}, ["123"]),
        ({"subscriptionType": "deal.propertyChange", "objectTypeId": None}, ["123"]),
        ({"subscriptionType": "deal.somethingNew"}, ["123"]),
        ({"subscriptionType": None, "eventType": "deal.deletion"}, ["123"]),
        ({"objectId": "0123"}, ["0123"]),
        ({"objectId": 2**53 + 1}, [str(2**53 + 1)]),
        ({"subscriptionType": "contact.creation"}, []),
        ({"objectTypeId": "0-1"}, []),
        ({"subscriptionType": None}, []),
        ({"objectId": "x' OR 1=1"}, []),
        ({"objectId": 1.5}, []),
        ({"objectId": None}, []),
        ({"objectId": -4}, []),
        ({"portalId": None}, []),
        (
            {"subscriptionType": "deal.merge", "objectId": None, "newObjectId": 9, "primaryObjectId": 5,
             "mergedObjectIds": [6, 7, "x", None]},
            ["9", "5", "6", "7"],
        ),
        ({"subscriptionType": "deal.merge", "mergedObjectIds": 4}, ["123"]),
        (
            {"subscriptionType": "deal.associationChange", "objectId": None, "associationType": "DEAL_TO_COMPANY",
             "fromObjectId": 5, "toObjectId": 6},
            ["5"],
        ),
        (
            {"subscriptionType": "object.associationChange", "objectId": None, "associationType": "COMPANY_TO_DEAL",
             "fromObjectId": 5, "toObjectId": 6},
            ["6"],
        ),
    ],
)  # fmt: skip
def test_an_event_names_its_deals_whatever_its_type(values: dict[str, Any], deals: list[str]) -> None:
    found = parsed(event(**values), event(objectId=999))
    assert [one.key.deal_id for one in found.events] == [*deals, "999"]


def test_one_odd_event_does_not_fail_the_batch() -> None:
    found = parsed(None, 7, [], "x", {}, event())
    assert [one.key.deal_id for one in found.events] == ["123"]
    assert found.left_out == {"unreadable": 5}


def test_the_number_of_an_event_and_of_its_delivery_are_no_part_of_its_meaning() -> None:
    first, again = (parsed(event(**values)).events[0] for values in ({}, {"eventId": 5, "attemptNumber": 3}))
    later, other = (parsed(event(**values)).events[0] for values in ({"occurredAt": 1}, {"propertyName": "amount"}))
    assert first == again
    assert len({(one.kind, one.mark) for one in (first, later, other)}) == 3


def test_events_of_an_import_are_part_of_a_flood() -> None:
    assert [one.is_bulk for one in parsed(event(changeSource="IMPORT"), event(changeSource="CRM_UI")).events] == [
        True,
        False,
    ]


def test_words_that_a_database_refuses_are_made_plain() -> None:
    (found,) = parsed(event(propertyName="a\x00b é" * 100, occurredAt=None, eventId="\x00" * 500)).events
    assert (found.kind + found.mark).isascii()
    assert (found.kind + found.mark).isprintable()
    assert max(len(found.kind), len(found.mark)) <= 200


NAMES = ("portalId", "objectId", "subscriptionType", "occurredAt", "mergedObjectIds", "eventId")
HEADER_TEXT = st.text(max_size=60)


@settings(deadline=None)
@given(
    body=st.binary(max_size=300) | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
            st.sampled_from([*NAMES]), inner
        ),
        max_leaves=20,
    ).map(lambda value: orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS) if _dumps(value) else b"[]"),
    signature=HEADER_TEXT | st.none(),
    timestamp=HEADER_TEXT,
    is_signed=st.booleans(),
    url=HEADER_TEXT,
)  # fmt: skip
def test_any_bytes_give_keys_or_a_rejection(
    body: bytes, signature: str | None, timestamp: str, is_signed: bool, url: str
) -> None:
    headers = signed(body, url=url) if is_signed else {"x-hubspot-request-timestamp": timestamp}
    if signature is not None and not is_signed:
        headers["x-hubspot-signature-v3"] = signature
    try:
        found = parse_webhook(headers, body, WebhookSecrets(app=(SECRET,)), NOW, url=url)
    except WebhookRejected:
        return
    assert is_signed
    assert all(one.key.deal_id.isdigit() for one in found.events)


def _dumps(value: object) -> bool:
    try:
        orjson.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def flipped(text: bytes, bit: int) -> bytes:
    changed = bytearray(text)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_every_flipped_bit_is_refused() -> None:
    body = orjson.dumps([event()])
    headers = signed(body)
    for bit in range(len(body) * 8):
        assert refusal(headers, flipped(body, bit)) in {Refusal.BAD_SIGNATURE, Refusal.MALFORMED}
    for name, value in headers.items():
        for bit in range(len(value) * 8):
            refusal({**headers, name: flipped(value.encode(), bit).decode("latin-1")}, body)
    for bit in range(len(URL) * 8):
        assert refusal(headers, body, url=flipped(URL.encode(), bit).decode("latin-1")) is Refusal.BAD_SIGNATURE

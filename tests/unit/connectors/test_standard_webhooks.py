"""Webhooks of any sender: the published signature, several signatures and secrets, and every bit that counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hubspot.webhooks import deal_id_of
from connectors.standard_webhooks import parse_announcement, signature
from connectors.webhooks import Refusal, Webhook, WebhookRejected

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"ids": ["1", "2", 3]}'


def headers(body: bytes = BODY, *, secret: str = SECRET, at: datetime = NOW, **changed: str) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    made = signature(secret, message_id="msg_1", timestamp=timestamp, body=body)
    shared = {"webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": made}
    return {**shared, **{name.replace("_", "-"): value for name, value in changed.items()}}


def parsed(given_headers: dict[str, str], body: bytes = BODY, *, secrets: tuple[str, ...] = (SECRET,)) -> Webhook:
    return parse_announcement(given_headers, body, secrets, NOW, account_id="7", deal_id_of=deal_id_of)


def refusal(given_headers: dict[str, str], body: bytes = BODY, **values: Any) -> Refusal:
    with pytest.raises(WebhookRejected) as error:
        parsed(given_headers, body, **values)
    return error.value.reason


def test_the_published_example_is_ours() -> None:
    made = signature(
        SECRET, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp="1614265330", body=b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_ids_are_the_deals_and_the_message_tells_them_apart() -> None:
    found = parsed(headers())
    assert [(one.key.account_id, one.key.deal_id, one.mark) for one in found.events] == [
        ("7", "1", "msg_1"), ("7", "2", "msg_1"), ("7", "3", "msg_1"),
    ]  # fmt: skip


def test_one_of_several_signatures_and_one_of_several_secrets_is_enough() -> None:
    made = headers()["webhook-signature"]
    several = f"v1a,abc v1,wrong v2,{made[3:]} {made}"
    assert parsed(headers(webhook_signature=several)).events
    assert parsed(headers(secret="whsec_Zm9ybWVy"), secrets=(SECRET, "whsec_Zm9ybWVy")).events
    assert parsed(headers(secret="a plain text"), secrets=("a plain text",)).events
    assert parsed(headers(secret="whsec_Zm9ybWVy"), secrets=("Zm9ybWVy",)).events
    assert refusal(headers(webhook_signature=f"v2,{made[3:]} v1a,{made[3:]}")) is Refusal.BAD_SIGNATURE
    assert refusal(headers(webhook_signature=made[3:])) is Refusal.BAD_SIGNATURE
    assert refusal(headers(), secrets=()) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(("away", "reason"), [(-300, None), (300, None), (-301, "too_old"), (301, "too_new")])
def test_a_signature_counts_for_five_minutes_either_way(away: int, reason: str | None) -> None:
    given_headers = headers(at=NOW + timedelta(seconds=away))
    assert parsed(given_headers).events if reason is None else refusal(given_headers) == reason


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_one_of_the_headers_it_is_unsigned(missing: str) -> None:
    assert refusal({name: value for name, value in headers().items() if name != missing}) is Refusal.UNSIGNED


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"ids": 1}', b'{"ids": [null]}', b'{"ids": ["x y"]}', b'{"ids": [true]}', b'{"ids": [1.5]}',
     b'{"ids": [[]]}', b"\xff", orjson.dumps({"ids": list(range(10_001))})],
)  # fmt: skip
def test_a_body_that_names_no_deals_is_malformed(body: bytes) -> None:
    assert refusal(headers(body), body) is Refusal.MALFORMED


def test_every_flipped_bit_is_refused() -> None:
    signed = headers()
    for bit in range(len(BODY) * 8):
        assert refusal(signed, _flipped(BODY, bit)) is Refusal.BAD_SIGNATURE
    for name, value in signed.items():
        for bit in range(len(value) * 8):
            refusal({**signed, name: _flipped(value.encode(), bit).decode("latin-1")})


def _flipped(text: bytes, bit: int) -> bytes:
    changed = bytearray(text)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(deadline=None)
@given(body=st.binary(), id_=st.text(), timestamp=st.text(), given_signature=st.text())
def test_any_bytes_and_headers_give_a_rejection(body: bytes, id_: str, timestamp: str, given_signature: str) -> None:
    refusal({"webhook-id": id_, "webhook-timestamp": timestamp, "webhook-signature": given_signature}, body)


@settings(deadline=None)
@given(body=st.binary() | st.lists(st.integers() | st.text() | st.none()).map(lambda ids: b'{"ids":%s}' % _dump(ids)))
def test_any_signed_body_gives_keys_or_a_rejection(body: bytes) -> None:
    try:
        found = parsed(headers(body), body)
    except WebhookRejected:
        return
    assert all(one.key.deal_id.isdigit() for one in found.events)


def _dump(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer or a text that JSON cannot have
        return b"[]"

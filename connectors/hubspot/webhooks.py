"""HubSpot's webhooks: whose they are, and which deals they name.

Signatures: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
Payloads: https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from connectors.hubspot.identity import is_mark
from connectors.json_text import parse_json
from connectors.webhooks import (
    Refusal,
    Webhook,
    WebhookEvent,
    WebhookRejected,
    WebhookSecrets,
    instant_of_ms,
    is_any,
    plain,
    read_number,
    refuse_untimely,
)
from mappings.model import DealKey

# What HubSpot decodes in the address before it signs; everything else stays as it was sent.
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ENCODED = re.compile("|".join(map(re.escape, _DECODED)))
_DEAL_TYPE = "0-3"
_BULK_SOURCES = frozenset({"IMPORT", "BATCH_UPDATE", "MIGRATION"})
_DIGITS_OF_MS = 15
_LONGEST_ID = 20

Event = Mapping[str, Any]


def parse_webhook(
    headers: Mapping[str, str], body: bytes, secrets: WebhookSecrets, now: datetime, /, *, url: str
) -> Webhook:
    """The deals named by a batch of events. See connectors.webhooks.ParseWebhook.

    An event counts if the batch is signed with the secret in force for its portal: the portal's own, else the app's.
    A portal that is connected without its id being known is told by its own secret.
    """
    source = _signed(headers, body, now, url=url, allows_v1=secrets.allows_v1)
    events = _events(body)
    portals = {text_id(event.get("portalId")) for event in events or ()} - {""}
    valid = {portal: account for portal in portals if (account := _signer(portal, source, secrets))}
    if not (valid if portals else source.is_by(secrets.all())):
        raise WebhookRejected(Refusal.BAD_SIGNATURE, "The webhook's signature is not that of a known secret.")
    if events is None:
        raise WebhookRejected(Refusal.MALFORMED, "The webhook's body is no JSON list of events.")
    return _read(events, valid, now)


def _signer(portal: str, source: _Signed, secrets: WebhookSecrets) -> str | None:
    """The account that the portal's events belong to, or None where its secret did not sign."""
    if source.is_by(secrets.of(portal)):
        return portal
    nameless = [one for one in secrets.by_account if is_mark(one)] if portal not in secrets.by_account else []
    return next((one for one in nameless if source.is_by(secrets.by_account[one])), None)


def deal_id_of(text: str) -> str | None:
    """A deal's id as HubSpot's answers have it, or None for what can be none."""
    return text if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else None


def text_id(value: object) -> str:
    """An id that came as a number or a text; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def decoded_uri(url: str) -> str:
    """The address as HubSpot signs it."""
    return _ENCODED.sub(lambda found: _DECODED[found[0]], url)


def signature_v3(secret: str, *, url: str, body: bytes, timestamp: str) -> str:
    """What HubSpot puts into X-HubSpot-Signature-v3 for a POST."""
    source = b"POST" + decoded_uri(url).encode("utf-8", "surrogatepass") + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()


def signature_v1(secret: str, *, body: bytes) -> str:
    """What HubSpot puts into X-HubSpot-Signature in its first version."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


class _Signed:
    """A signature as given, to be compared with what each secret would have made."""

    def __init__(self, given: str, body: bytes, *, url: str, timestamp: str | None) -> None:
        self._given, self._body, self._url, self._timestamp = given, body, url, timestamp
        self._made: dict[str, str] = {}  # a body may be large, and name many portals of one secret

    def is_by(self, secrets: Iterable[str]) -> bool:
        """Whether one of the secrets made it."""
        return is_any(self._given, [self._made_with(secret) for secret in secrets])

    def _made_with(self, secret: str) -> str:
        if secret not in self._made:
            self._made[secret] = (
                signature_v1(secret, body=self._body)
                if self._timestamp is None
                else signature_v3(secret, url=self._url, body=self._body, timestamp=self._timestamp)
            )
        return self._made[secret]


def _signed(headers: Mapping[str, str], body: bytes, now: datetime, *, url: str, allows_v1: bool) -> _Signed:
    """The signature to check: the third version where it is given. Raises WebhookRejected where none can be used."""
    given = headers.get("x-hubspot-signature-v3")
    if given:
        timestamp = headers.get("x-hubspot-request-timestamp", "")
        refuse_untimely(read_number(timestamp, digits=_DIGITS_OF_MS) / 1000, now)
        return _Signed(given, body, url=url, timestamp=timestamp)
    given = headers.get("x-hubspot-signature")
    if not given:
        raise WebhookRejected(Refusal.UNSIGNED, "The webhook carries no signature.")
    if not allows_v1 or headers.get("x-hubspot-signature-version", "v1").lower() != "v1":
        raise WebhookRejected(Refusal.UNSUPPORTED_SIGNATURE, "Only signatures of version 3 are taken here.")
    return _Signed(given, body, url=url, timestamp=None)


def _events(body: bytes) -> Sequence[Event] | None:
    """The batch, or None where the body is none. What stands in it that is no event is an empty one."""
    try:
        found = parse_json(body)
    except orjson.JSONDecodeError:
        return None
    if isinstance(found, dict):
        found = [found]
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else None


def _read(events: Sequence[Event], valid: Mapping[str, str], now: datetime) -> Webhook:
    found: list[WebhookEvent] = []
    left_out: Counter[str] = Counter()
    for event in events:
        portal = text_id(event.get("portalId"))
        deal_ids = _deal_ids(event)
        if not portal:
            left_out["unreadable"] += 1
        elif portal not in valid:
            left_out["other_secret"] += 1
        elif deal_ids is None:
            left_out["other_object"] += 1
        elif not deal_ids:
            left_out["unreadable"] += 1
        else:
            found += [_event(event, DealKey(valid[portal], deal_id), now) for deal_id in deal_ids]
    return Webhook(events=tuple(found), left_out=dict(left_out))


def _event(event: Event, key: DealKey, now: datetime) -> WebhookEvent:
    """`eventId` is no part of its meaning: HubSpot gives one number to different events."""
    occurred_at = instant_of_ms(event.get("occurredAt"))
    when = event.get("occurredAt") if occurred_at else event.get("eventId")
    return WebhookEvent(
        key=key,
        kind=plain(":".join(filter(None, (_type_of(event), text_id(event.get("propertyName")))))),
        mark=plain(text_id(when)) or str(int(now.timestamp() * 1000)),
        occurred_at=occurred_at,
        is_bulk=text_id(event.get("changeSource")) in _BULK_SOURCES,
        is_deletion=_type_of(event).endswith(".deletion"),
    )


def _type_of(event: Event) -> str:
    return text_id(event.get("subscriptionType") or event.get("eventType"))


def _deal_ids(event: Event) -> list[str] | None:
    """The deals an event names, or None where it is about something else. An unknown type of event is a hint too."""
    thing, _, what = _type_of(event).partition(".")
    if not (thing == "deal" or (thing == "object" and text_id(event.get("objectTypeId") or _DEAL_TYPE) == _DEAL_TYPE)):
        return None
    if what == "associationChange":
        ids = _ends_of_association(event)
    elif what == "merge":
        merged = event.get("mergedObjectIds")
        others = merged if isinstance(merged, list) else []
        ids = [event.get("newObjectId"), event.get("primaryObjectId"), event.get("objectId"), *others]
    else:
        ids = [event.get("objectId")]
    return list(dict.fromkeys(filter(None, (deal_id_of(text_id(one)) for one in ids))))


def _ends_of_association(event: Event) -> list[object]:
    """Which end is the deal: the type says it (DEAL_TO_COMPANY); where it does not, the first."""
    from_what, _, to_what = text_id(event.get("associationType")).upper().partition("_TO_")
    ends = [event.get("fromObjectId")] if from_what == "DEAL" or to_what != "DEAL" else []
    return [*ends, event.get("toObjectId")] if to_what == "DEAL" else ends

"""HubSpot's webhooks: whose they are, and which deals they name.

https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from connectors.hubspot.signatures import read_signature, signer_of
from connectors.json_text import parse_json
from connectors.webhooks import (
    Refusal,
    Webhook,
    WebhookEvent,
    WebhookRejected,
    WebhookSecrets,
    instant_of_ms,
    plain,
)
from mappings.model import DealKey

_DEAL_TYPE = "0-3"
_BULK_SOURCES = frozenset({"IMPORT", "BATCH_UPDATE", "MIGRATION"})
_LONGEST_ID = 20

Event = Mapping[str, Any]


def parse_webhook(
    headers: Mapping[str, str], body: bytes, secrets: WebhookSecrets, now: datetime, /, *, url: str
) -> Webhook:
    """The deals named by a batch of events. See connectors.webhooks.ParseWebhook.

    An event counts if the batch is signed with the secret in force for its portal: the portal's own, else the app's.
    A portal that is connected without its id being known is told by its own secret.
    """
    source = read_signature(headers, body, now, url=url, allows_v1=secrets.allows_v1)
    events = _events(body)
    portals = {text_id(event.get("portalId")) for event in events or ()} - {""}
    valid = {portal: account for portal in portals if (account := signer_of(portal, source, secrets))}
    if not (valid if portals else source.is_by(secrets.all())):
        raise WebhookRejected(Refusal.BAD_SIGNATURE, "The webhook's signature is not that of a known secret.")
    if events is None:
        raise WebhookRejected(Refusal.MALFORMED, "The webhook's body is no JSON list of events.")
    return _read(events, valid, now)


def deal_id_of(text: str) -> str | None:
    """A deal's id as HubSpot's answers have it, or None for what can be none."""
    return text if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else None


def text_id(value: object) -> str:
    """An id that came as a number or a text; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


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

"""Webhooks of any sender, signed as Standard Webhooks describes: `{"ids": [...]}`, the deals to look at.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime

import orjson

from connectors.webhooks import (
    LONGEST_MARK,
    Refusal,
    Webhook,
    WebhookEvent,
    WebhookRejected,
    is_any,
    plain,
    read_number,
    refuse_untimely,
)
from mappings.model import DealKey

KIND = "announced"
PREFIX = "whsec_"
MOST_IDS = 10_000
_DIGITS_OF_S = 12
_VERSION = "v1,"


def parse_announcement(
    headers: Mapping[str, str],
    body: bytes,
    secrets: tuple[str, ...],
    now: datetime,
    *,
    account_id: str,
    deal_id_of: Callable[[str], str | None],
) -> Webhook:
    """The deals that a sender announces for one account. Header names are in small letters; any secret may have signed.

    Raises WebhookRejected, and nothing else, whatever the bytes are.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (message_id and timestamp and given):
        raise WebhookRejected(
            Refusal.UNSIGNED, "The headers webhook-id, webhook-timestamp and webhook-signature are needed."
        )
    refuse_untimely(read_number(timestamp, digits=_DIGITS_OF_S), now)
    keys = dict.fromkeys(key for secret in secrets for key in keys_of(secret))
    made = [_signature(key, message_id=message_id, timestamp=timestamp, body=body) for key in keys]
    # Each is compared, whatever the others say: the time taken tells nothing. Other versions than ours are passed over.
    if not any([is_any(one, made) for one in given.split(" ") if one.startswith(_VERSION)]):  # noqa: C419
        raise WebhookRejected(Refusal.BAD_SIGNATURE, "The webhook's signature is not that of a known secret.")
    mark = message_id if len(message_id) <= LONGEST_MARK else hashlib.sha256(_bytes(message_id)).hexdigest()
    ids = _ids(body, deal_id_of)
    return Webhook(events=tuple(WebhookEvent(key=DealKey(account_id, one), kind=KIND, mark=plain(mark)) for one in ids))


def signature(secret: str, *, message_id: str, timestamp: str, body: bytes) -> str:
    """One entry of the header webhook-signature."""
    return _signature(keys_of(secret)[0], message_id=message_id, timestamp=timestamp, body=body)


def keys_of(secret: str) -> tuple[bytes, ...]:
    """The keys a secret may stand for: base64, as is usual, and the plain text of one that has no prefix."""
    plain_text = () if secret.startswith(PREFIX) else (secret.encode(),)
    try:
        return (base64.b64decode(secret.removeprefix(PREFIX), validate=True), *plain_text)
    except (binascii.Error, ValueError):
        return (secret.encode(),)


def _signature(key: bytes, *, message_id: str, timestamp: str, body: bytes) -> str:
    source = b".".join((_bytes(message_id), timestamp.encode(), body))
    return _VERSION + base64.b64encode(hmac.new(key, source, hashlib.sha256).digest()).decode()


def _bytes(text: str) -> bytes:
    # Header values reach us as Latin-1 whatever they were; these are the bytes that were sent.
    return text.encode("latin-1", "backslashreplace")


def _ids(body: bytes, deal_id_of: Callable[[str], str | None]) -> list[str]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise WebhookRejected(Refusal.MALFORMED, "The body is no JSON.") from error
    ids = found.get("ids") if isinstance(found, dict) else None
    if not isinstance(ids, list) or len(ids) > MOST_IDS:
        raise WebhookRejected(Refusal.MALFORMED, f'The body is to be {{"ids": [...]}}, with at most {MOST_IDS} ids.')
    texts = [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in ids]
    read = [deal_id_of(one) if isinstance(one, str) else None for one in texts]
    if None in read:
        raise WebhookRejected(Refusal.MALFORMED, f"ids[{read.index(None)}] can be no deal's id in this CRM.")
    return list(dict.fromkeys(one for one in read if one is not None))

"""What a CRM tells us unasked: which deals to look at. A webhook carries keys, never deals.

Reading one is pure and total: any bytes give a `Webhook` or raise `WebhookRejected`, and nothing else.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from mappings.model import DealKey

TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock may be from ours, either way."""
LONGEST_MARK = 200
_ODD = re.compile(r"[^\x21-\x7e]")


class Refusal(StrEnum):
    """Why a webhook was refused: the label of the counter. All but the last two mean that its sender is not proved."""

    UNSIGNED = "unsigned"
    UNSUPPORTED_SIGNATURE = "unsupported_signature"
    BAD_TIMESTAMP = "bad_timestamp"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    BAD_SIGNATURE = "bad_signature"
    BAD_TOKEN = "bad_token"  # noqa: S105 -- the name of a reason
    WRONG_ACCOUNT = "wrong_account"
    OVERSIZE = "oversize"
    MALFORMED = "malformed"


class WebhookRejected(Exception):  # noqa: N818 -- the word says it
    """A webhook that is not taken. `says` never holds a secret, a signature or a part of the body."""

    def __init__(self, reason: Refusal, says: str) -> None:
        super().__init__(says)
        self.reason = reason
        self.says = says


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """A deal to look at. Two events mean the same if all but `occurred_at` and `is_bulk` is equal.

    `mark` tells an event from another of its kind: when it happened, or the sender's number for it. `is_bulk`: it is
    one of a flood (an import), so that one sweep may take the place of many reads.
    """

    key: DealKey
    kind: str
    mark: str
    occurred_at: datetime | None = None
    is_bulk: bool = False
    is_deletion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """What a webhook said. `left_out` counts, by why, the events that name no deal of ours.

    `answer` is the body that tells the sender of success, where it wants one of a certain form.
    """

    events: tuple[WebhookEvent, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    answer: str = ""
    answer_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """What senders are checked against. Several secrets of one account are valid at once while they are rotated.

    `by_account` are an account's own, by its id in the CRM; an account without any is checked against `app`, the
    installation's. `allows_v1`: signatures without protection against replay are taken too.
    """

    app: tuple[str, ...] = ()
    by_account: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    allows_v1: bool = False

    def of(self, account_id: str) -> tuple[str, ...]:
        """The secrets in force for an account."""
        return self.by_account.get(account_id) or self.app

    def all(self) -> tuple[str, ...]:
        """Every secret in force."""
        return tuple(dict.fromkeys((*self.app, *(one for group in self.by_account.values() for one in group))))


class ParseWebhook(Protocol):
    """Reads one webhook. `url` is the full address it was sent to, word for word; header names are in small letters."""

    def __call__(
        self, headers: Mapping[str, str], body: bytes, secrets: WebhookSecrets, now: datetime, /, *, url: str
    ) -> Webhook:
        """What it says. Raises WebhookRejected."""
        ...


def is_equal(given: str, expected: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def is_any(given: str, expected: Iterable[str]) -> bool:
    """Whether a text equals one of several, each compared to its end."""
    found = False
    for one in expected:
        found |= is_equal(given, one)
    return found


def refuse_untimely(sent_at_s: float, now: datetime) -> None:
    """Raise WebhookRejected for a webhook from too long ago, or from the future: it may be a copy of an old one."""
    away_s = now.timestamp() - sent_at_s
    if away_s > TOLERANCE.total_seconds():
        raise WebhookRejected(Refusal.TOO_OLD, "The webhook was signed more than five minutes ago.")
    if -away_s > TOLERANCE.total_seconds():
        raise WebhookRejected(Refusal.TOO_NEW, "The webhook was signed more than five minutes in the future.")


def read_number(text: str, *, digits: int) -> int:
    """A timestamp as its digits spell it. Raises WebhookRejected for anything else, such as blanks or signs."""
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise WebhookRejected(Refusal.BAD_TIMESTAMP, "The webhook's timestamp is no number.")
    return int(text)


def plain(text: str) -> str:
    """A sender's word as every database takes it: printable ASCII of a bounded length."""
    return _ODD.sub("?", text[:LONGEST_MARK])


def instant_of_ms(value: object) -> datetime | None:
    """The instant of a number of milliseconds, or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**14:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)

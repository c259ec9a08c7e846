"""A card of ours on a CRM's page: what it asks of us, in the name of a person whom the CRM vouches for.

Reading a call is pure and total: any request gives a `CardCaller` or raises `WebhookRejected`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.webhooks import WebhookSecrets


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCaller:
    """Who asks: the account that the card stands in, and the address of the person who looks at it."""

    account_id: str
    email: str


class ParseCardCall(Protocol):
    """Reads one call. `url` is the full address it was sent to, word for word; header names are in small letters."""

    def __call__(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: WebhookSecrets,
        now: datetime,
        /,
        *,
        method: str,
        url: str,
    ) -> CardCaller:
        """Who asks. Raises WebhookRejected."""
        ...

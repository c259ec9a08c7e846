"""What senders of webhooks prove themselves by: made with the connection, and rotated with an overlap."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.security.keyring import Keyring
from service.store.models import ConnectionRow

PREFIX = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookKeys:
    """`token` stands in an address, `secret` signs. The former ones count until `former_until`."""

    token: str
    secret: str
    former_token: str = ""
    former_secret: str = ""
    former_until: datetime | None = None

    def tokens(self, now: datetime) -> tuple[str, ...]:
        """Those that open the address now."""
        return (self.token, self.former_token) if self._has_former(now) else (self.token,)

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Those that may have signed now."""
        return (self.secret, self.former_secret) if self._has_former(now) else (self.secret,)

    def _has_former(self, now: datetime) -> bool:
        return self.former_until is not None and now < self.former_until


def new_webhook_keys() -> WebhookKeys:
    """A token and a signing secret nobody can guess."""
    return WebhookKeys(
        token=secrets.token_urlsafe(24), secret=PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()
    )


def read_webhook_keys(row: ConnectionRow, keyring: Keyring) -> WebhookKeys | None:
    """A connection's keys, or None where it has none yet."""
    if row.webhook_keys is None:
        return None
    kept = keyring.decrypt(row.webhook_keys)
    until = kept["former_until"]
    return WebhookKeys(
        token=kept["token"],
        secret=kept["secret"],
        former_token=kept["former_token"],
        former_secret=kept["former_secret"],
        former_until=datetime.fromisoformat(until) if until else None,
    )


def keep_webhook_keys(row: ConnectionRow, keyring: Keyring) -> WebhookKeys:
    """A connection's keys; new ones where it has none yet."""
    return read_webhook_keys(row, keyring) or _save(row, keyring, new_webhook_keys())


def rotate_webhook_keys(row: ConnectionRow, keyring: Keyring, *, now: datetime, overlap: timedelta) -> WebhookKeys:
    """New keys; those in force before count for the overlap."""
    before = keep_webhook_keys(row, keyring)
    rotated = replace(
        new_webhook_keys(), former_token=before.token, former_secret=before.secret, former_until=now + overlap
    )
    return _save(row, keyring, rotated)


def _save(row: ConnectionRow, keyring: Keyring, keys: WebhookKeys) -> WebhookKeys:
    row.webhook_keys = keyring.encrypt(
        {
            "token": keys.token,
            "secret": keys.secret,
            "former_token": keys.former_token,
            "former_secret": keys.former_secret,
            "former_until": keys.former_until.isoformat() if keys.former_until else "",
        }
    )
    return keys

"""A connection as `connections show --json` and the web app show it. No credential is ever in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from connectors.registry import connector_specs
from service.connections.connect import WEBHOOK_SECRET
from service.connections.webhook_keys import WebhookKeys, read_webhook_keys
from service.security.keyring import Keyring
from service.store.models import ConnectionRow


def connection_json(row: ConnectionRow, *, base_url: str, keyring: Keyring) -> dict[str, Any]:
    """The object that interfaces fix, and the connection's settings."""
    return {
        "name": row.name,
        "crm": row.crm,
        "account_id": row.account_id,
        "account_name": row.account_name,
        "state": row.state,
        "url": row.url,
        "zone": row.zone,
        "fields": {role: list(names) for role, names in sorted(row.fields.items())},
        "scope": row.scope_in_force,
        "webhook": webhook_json(row, base_url=base_url, keyring=keyring),
        "last_sync": row.last_sync_at.isoformat() if row.last_sync_at else None,
        "health": row.health,
        "notes": row.notes,
        "retention_days": row.retention_days,
        "one_task_per_account": row.one_task_per_account,
        "account_sense": row.account_sense,
        "write_ahead_days": row.write_ahead_days,
        "fallback_owner": row.fallback_owner_id,
        "sync_every_minutes": row.sync_every_minutes,
        "morning_hour": row.morning_hour,
        "digest": row.digest,
        "digest_hour": row.digest_hour,
        "slack_set": bool(row.slack),
        "escalate_after_days": row.escalate_after_days,
    }


def webhook_json(row: ConnectionRow, *, base_url: str, keyring: Keyring) -> dict[str, Any]:
    """Where webhooks of a connection are sent to, and whether there is something to prove their sender by.

    `url` is for the CRM's own webhooks, with the token in it where the CRM cannot sign; `deals_url` for any sender.
    """
    keys = read_webhook_keys(row, keyring)
    base = f"{base_url.rstrip('/')}/webhooks"
    shown: dict[str, Any] = {"url": f"{base}/{row.crm}"}
    spec = connector_specs().get(row.crm)
    has_token = spec is not None and spec.webhook_proof == "token"
    if keys is not None and has_token:
        shown |= {"url": f"{base}/{row.crm}/{quote(row.name, safe='')}/{keys.token}", "token": keys.token}
    shown["deals_url"] = f"{base}/deals/{quote(row.name, safe='')}"
    shown["secret_set"] = keys is not None if has_token else _has_secret(row, keyring)
    return shown


def webhook_secrets_json(row: ConnectionRow, keys: WebhookKeys, *, base_url: str, keyring: Keyring) -> dict[str, Any]:
    """The same with the secret that any sender signs with: for the admin who has to enter it there."""
    until = keys.former_until.isoformat() if keys.former_until else None
    shown = webhook_json(row, base_url=base_url, keyring=keyring)
    return {"name": row.name, **shown, "secret": keys.secret, "former_until": until}


def _has_secret(row: ConnectionRow, keyring: Keyring) -> bool:
    return bool(row.credentials) and WEBHOOK_SECRET in keyring.decrypt(row.credentials or "")

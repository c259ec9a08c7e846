"""A connection as `connections show --json` and the web app show it. No secret is ever in it."""

from __future__ import annotations

from typing import Any

from service.connections.connect import WEBHOOK_SECRET
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
        "scope": row.scope,
        "webhook": {"url": f"{base_url.rstrip('/')}/webhooks/{row.crm}", "secret_set": _has_secret(row, keyring)},
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


def _has_secret(row: ConnectionRow, keyring: Keyring) -> bool:
    return bool(row.credentials) and WEBHOOK_SECRET in keyring.decrypt(row.credentials or "")

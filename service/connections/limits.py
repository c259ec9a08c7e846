"""How much of a CRM's limits is used: what the processes of a connection share, told in words of calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.budget import Window
from service.store.budgets import windows_of
from service.store.models import ConnectionRow


def limits_used(tx: Session, row: ConnectionRow, *, now: datetime) -> list[dict[str, Any]]:
    """Each limit of a connection: its window, the places given out that still count, until when it is closed."""
    return [_told(name, window, now.timestamp()) for name, window in windows_of(tx, row.id).items()]


def _told(name: str, window: Window, now: float) -> dict[str, Any]:
    is_closed = window.closed_until > now
    return {
        "name": name,
        "requests": window.requests,
        "window_s": window.window_s,
        "used": sum(one.count for one in window.taken if one.until > now - window.window_s),
        "closed_until": datetime.fromtimestamp(window.closed_until, UTC) if is_closed else None,
        "closed_why": window.closed_why if is_closed else "",
    }

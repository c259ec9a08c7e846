"""Finding what is due, and marking it. Takes the same time with a thousand reminders scheduled or a million."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.reminders.mornings import Mornings
from service.reminders.states import move
from service.store.models import ReminderRow, ReminderState

COMING = (ReminderState.SCHEDULED, ReminderState.SNOOZED)
"""The states that wait for their day."""


def load_due(tx: Session, connection_id: int, mornings: Mornings, *, limit: int) -> list[int]:
    """Reminders whose day has come and that are not marked yet, the longest overdue first. Uses ix_reminders_due."""
    found: list[int] = []
    for state in COMING:
        statement = (
            select(ReminderRow.id)
            .where(ReminderRow.connection_id == connection_id, ReminderRow.state == state, mornings.is_due)
            .order_by(ReminderRow.due_on)
            .limit(limit - len(found))
        )
        found += tx.scalars(statement)
        if len(found) >= limit:
            break
    return found


def mark_due(
    tx: Session, connection_id: int, reminder_ids: Collection[int], *, now: datetime, **values: Any
) -> frozenset[int]:
    """These are due from now on, and are given `values` on the way; those that were not due yet."""
    whys = dict.fromkeys(reminder_ids, "Its day has come.")
    return move(tx, connection_id, whys, ReminderState.DUE, who="rekindle", now=now, **values)

"""What an answer means beyond its own row: deal fields confirmed, tasks handed on to the next in line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Rejected
from service.outbox.build import Claimed
from service.store.models import FieldWriteRow, OwnerRow
from service.store.reminders import update_reminders


def is_owner_refused(error: ConnectorError) -> bool:
    """Whether the CRM refused the person the task was for, not the task."""
    if not isinstance(error, Rejected):
        return False
    named = {field.lower().replace("_", "") for field in error.fields}
    return "INACTIVE_OWNER" in error.code.upper() or bool(named & {"ownerid", "hubspotownerid"})


def save_handed_on(tx: Session, connection_id: int, handed_on: Sequence[tuple[int, str, str]]) -> None:
    """Tasks the CRM refused for one person, as that one is inactive, and that go to the next in line."""
    refused = {owner_id for _, owner_id, _ in handed_on}
    if refused:
        tx.execute(
            update(OwnerRow)
            .where(OwnerRow.connection_id == connection_id, OwnerRow.owner_id.in_(refused))
            .values(is_active=False),
            execution_options={"synchronize_session": False},
        )
        rows = [{"id": reminder_id, "owner_id": next_id} for reminder_id, _, next_id in handed_on if reminder_id]
        update_reminders(tx, rows)


def save_field_outcomes(tx: Session, fields: Sequence[tuple[Claimed, bool]], *, now: datetime) -> None:
    """Field writes that were confirmed, or refused. Of one deal only one write is under way at a time."""
    groups: dict[tuple[bool, bool], list[int]] = {}
    for one, is_done in fields:
        groups.setdefault((is_done, one.is_undo), []).append(one.deal_row_id or 0)
    for (is_done, is_undo), deal_ids in groups.items():
        values: dict[str, Any] = {"is_in_flight": False, "in_flight": None}
        if is_done:
            values |= {"written": FieldWriteRow.in_flight, "written_at": now, "undone_at": now if is_undo else None}
        tx.execute(
            update(FieldWriteRow)
            .where(FieldWriteRow.deal_id.in_(deal_ids), FieldWriteRow.is_in_flight)
            .values(**values),
            execution_options={"synchronize_session": False},
        )

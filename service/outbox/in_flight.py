"""What is about to be written, on record before it is sent: a read-back equal to it is our own work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from connectors.base import CloseTask, DeleteTask, FieldChange, ReopenTask, TaskStatus, UpdateTask
from service.outbox.build import Claimed
from service.store.models import ConnectionRow, FieldWriteRow, TaskRefRow

_FRESH = {"populate_existing": True}


def in_flight_of(claimed: Claimed) -> dict[str, Any] | None:
    """What a change is about to make of a task, as far as we can know it."""
    change = claimed.change
    gist = {"gist": claimed.payload["gist"]} if "gist" in claimed.payload else {}
    if isinstance(change, UpdateTask):
        text = {"subject": change.text.subject} if change.text else {}
        due = {"due_on": change.due_on.isoformat()} if change.due_on else {}
        owner = {"owner_id": change.owner_id} if change.owner_id else {}
        return {**gist, **text, **due, **owner}
    if isinstance(change, ReopenTask):
        return {
            **gist,
            "subject": change.text.subject,
            "due_on": change.due_on.isoformat(),
            "status": str(TaskStatus.OPEN),
        }
    if isinstance(change, CloseTask):
        return {"status": str(TaskStatus.COMPLETED)}
    if isinstance(change, DeleteTask):
        return {"status": str(TaskStatus.DELETED)}
    return None


def save_in_flight(tx: Session, connection: ConnectionRow, claimed: Sequence[Claimed], *, now: datetime) -> None:
    """Record what these writes are about to make of tasks and fields."""
    tasks = [
        {"id": one.ref_id, "in_flight": content}
        for one in claimed
        if one.ref_id is not None and (content := in_flight_of(one)) is not None
    ]
    if tasks:
        tx.execute(update(TaskRefRow), tasks)
    _save_fields_in_flight(tx, connection, claimed, now=now)


def _save_fields_in_flight(
    tx: Session, connection: ConnectionRow, claimed: Sequence[Claimed], *, now: datetime
) -> None:
    writes = {
        (one.deal_row_id, field): (value, one.payload.get("seen", {}).get(field))
        for one in claimed
        if isinstance(one.change, FieldChange)
        for field, value in one.change.values.items()
    }
    if not writes:
        return
    known = tx.scalars(
        select(FieldWriteRow).where(FieldWriteRow.deal_id.in_({deal_id for deal_id, _ in writes})),
        execution_options=_FRESH,
    ).all()
    ids = {(row.deal_id, row.field): row for row in known}
    updates, inserts = [], []
    for (deal_id, field), (value, seen) in writes.items():
        row = ids.get((deal_id or 0, field))
        if row is None:
            inserts.append(
                {
                    "connection_id": connection.id,
                    "deal_id": deal_id,
                    "field": field,
                    "former": seen,
                    # Until the CRM confirms, what stands there is the former value.
                    "written": seen,
                    "in_flight": value,
                    "is_in_flight": True,
                    "first_written_at": now,
                    "written_at": now,
                }
            )
        else:
            former = seen if row.undone_at is not None else row.former
            updates.append({"id": row.id, "in_flight": value, "is_in_flight": True, "former": former})
    if inserts:
        tx.execute(insert(FieldWriteRow), inserts)
    if updates:
        tx.execute(update(FieldWriteRow), updates)

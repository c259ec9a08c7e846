"""Tasks that stand in the CRM: closing them with a note, and forgetting what was not sent yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.base import TaskKey, TaskRef, TaskSnapshot, TaskStatus
from mappings.model import DealKey
from service.store.models import ConnectionRow, OutboxKind, TaskRefRow
from service.store.outbox import Intent, discard_unsent, load_pending_creates, save_intents
from service.store.reminders import load_task_refs

CHANGES = (OutboxKind.CREATE_TASK, OutboxKind.UPDATE_TASK, OutboxKind.REOPEN_TASK, OutboxKind.CLOSE_TASK)


def forget_unsent(tx: Session, reminder_ids: Collection[int], *, why: str, now: datetime) -> None:
    """Give up what is recorded for these reminders and certainly not sent: what follows is decided anew."""
    discard_unsent(tx, reminder_ids, why=why, now=now, kinds=CHANGES)


def close_tasks(
    tx: Session, connection: ConnectionRow, notes: Mapping[int, str], *, now: datetime, is_planned: bool
) -> int:
    """Intend to close the open tasks of these reminders, each with its note. Returns how many.

    A first write that is under way, or unclear, is closed after it: the outbox keeps the order of a reminder.
    """
    if not notes:
        return 0
    standing = set(load_task_refs(tx, notes)) | set(load_pending_creates(tx, notes))
    intents = [
        Intent(kind=OutboxKind.CLOSE_TASK, reminder_id=id_, payload={"note": note})
        for id_, note in notes.items()
        if id_ in standing
    ]
    save_intents(tx, connection.id, intents, now=now, is_planned=is_planned)
    return len(intents)


def task_ref(row: TaskRefRow, deal: DealKey) -> TaskRef:
    """A task on record, as connectors take it."""
    written: Mapping[str, str | None] = row.written
    due_on = written.get("due_on")
    snapshot = TaskSnapshot(
        subject=written.get("subject") or "",
        body=written.get("body") or "",
        due_on=datetime.fromisoformat(due_on).date() if due_on else None,
        owner_id=written.get("owner_id"),
        status=TaskStatus(written.get("status") or TaskStatus.OPEN),
    )
    return TaskRef(
        key=TaskKey(key=row.key, deal=deal), task_id=row.crm_task_id, snapshot=snapshot, created_at=row.created_at
    )

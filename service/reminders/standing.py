"""Tasks that stand in the CRM: closing them with a note, and forgetting what was not sent yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from service.store.models import ConnectionRow, OutboxKind
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

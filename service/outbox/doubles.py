"""Two tasks with one key: the older stays, the younger goes if nobody touched it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.base import TaskRef
from service.reminders.edits import flat
from service.store.events import Event, save_events
from service.store.models import OutboxKind, TaskRefRow
from service.store.outbox import Intent, save_intents

_FIRST = datetime.min.replace(tzinfo=UTC)


def oldest_first(found: Sequence[TaskRef]) -> list[TaskRef]:
    """Tasks by the CRM's own time of creation."""
    return sorted(found, key=lambda ref: (ref.created_at or _FIRST, ref.task_id))


def resolve_doubles(
    tx: Session, connection_id: int, pairs: Sequence[tuple[TaskRefRow, TaskRef]], *, now: datetime
) -> int:
    """Each pair is the task on record and another with its key, just written by us. Returns how many are removed."""
    removed = []
    for standing, other in pairs:
        younger = other.task_id
        if (other.created_at or now) < standing.created_at:
            younger = standing.crm_task_id
            written = {**flat(other.snapshot), "gist": standing.written.get("gist")}
            tx.execute(
                update(TaskRefRow)
                .where(TaskRefRow.id == standing.id)
                .values(crm_task_id=other.task_id, written=written, created_at=other.created_at or now),
                execution_options={"synchronize_session": False},
            )
        removed.append((standing.reminder_id, younger))
    remove_doubles(tx, connection_id, removed, now=now)
    return len(removed)


def remove_doubles(tx: Session, connection_id: int, doubles: Sequence[tuple[int, str]], *, now: datetime) -> None:
    """Intend to delete these tasks (reminder, CRM id), and say why."""
    intents = [
        Intent(kind=OutboxKind.DELETE_TASK, reminder_id=reminder_id, payload={"task_id": task_id})
        for reminder_id, task_id in doubles
    ]
    save_intents(tx, connection_id, intents, now=now, is_planned=True)
    events = [
        Event(
            entity="reminder",
            entity_id=reminder_id,
            from_state=None,
            to_state="double",
            why=f"Two tasks carried one key: the younger one, {task_id}, is removed.",
        )
        for reminder_id, task_id in doubles
    ]
    save_events(tx, connection_id, events, who="rekindle", now=now)

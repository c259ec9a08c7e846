"""What a manager does with the queue: give follow-ups to a colleague, or take them out of the backlog."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.clock import today_in
from service.reminders.backlog import release
from service.reminders.choose import LASTING
from service.reminders.knowledge import Knowledge
from service.reminders.placing import place
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, ConnectionState, OwnerRow, ReminderRow, ReminderState, TaskRefRow
from service.store.reminders import load_task_refs, lock_connection, update_reminders, wake_episodes


def reassign(tx: Session, reminder_ids: Collection[int], owner: OwnerRow, *, who: str, now: datetime) -> frozenset[int]:
    """Give these follow-ups of the owner's connection to them, whatever becomes of the deal. Returns those that lasted.

    Their tasks in the CRM follow, also where a person had given them to somebody there.
    """
    connection = lock_connection(tx, owner.connection_id)
    rows = tx.scalars(
        select(ReminderRow).where(
            ReminderRow.id.in_(reminder_ids),
            ReminderRow.connection_id == connection.id,
            ReminderRow.state.in_(LASTING),
        )
    ).all()
    changed = [row for row in rows if row.owner_id != owner.owner_id]
    given = {"owner_id": owner.owner_id, "given_to": owner.owner_id, "updated_at": now}
    update_reminders(tx, [{"id": row.id, **given} for row in changed])
    _let_go_of_owner(tx, [row.id for row in changed])
    name = owner.name or owner.email or owner.owner_id
    events = [
        Event(entity="reminder", entity_id=row.id, from_state=row.state, to_state=row.state, why=f"Given to {name}.")
        for row in changed
    ]
    save_events(tx, connection.id, events, who=who, now=now)
    wake_episodes(tx, {row.episode_id for row in changed}, today=today_in(connection.zone, now))
    return frozenset(row.id for row in changed)


def release_chosen(
    tx: Session, reminder_ids: Collection[int], *, knowledge: Knowledge, who: str, now: datetime
) -> frozenset[int]:
    """Take these out of the backlog and give them days; those of a connection on hold stay. Returns the released."""
    waiting = tx.execute(
        select(ReminderRow.id, ReminderRow.connection_id).where(
            ReminderRow.id.in_(reminder_ids),
            ReminderRow.state == ReminderState.HELD,
            ReminderRow.is_backlog.is_(True),
        )
    ).all()
    released: set[int] = set()
    for connection_id in sorted({row.connection_id for row in waiting}):
        connection = lock_connection(tx, connection_id)
        if connection.state != ConnectionState.LIVE:
            continue
        ids = [row.id for row in waiting if row.connection_id == connection_id]
        released |= _release(tx, connection, ids, knowledge=knowledge, who=who, now=now)
    return frozenset(released)


def _release(
    tx: Session, connection: ConnectionRow, ids: Collection[int], *, knowledge: Knowledge, who: str, now: datetime
) -> set[int]:
    today = today_in(connection.zone, now)
    steps = release(tx, connection, ids, who=who, today=today, now=now)
    place(
        tx,
        connection,
        steps,
        today=today,
        now=now,
        is_working_day=knowledge.is_working_day,
        room=knowledge.room,
    )
    return {one.reminder_id for one in steps}


def _let_go_of_owner(tx: Session, reminder_ids: Collection[int]) -> None:
    """An owner that a person gave the task in the CRM gives way to the one they give it here."""
    rows = [
        {"id": ref.id, "touched": [field for field in ref.touched if field != "owner_id"]}
        for ref in load_task_refs(tx, reminder_ids).values()
        if "owner_id" in ref.touched
    ]
    if rows:
        tx.execute(update(TaskRefRow), rows)

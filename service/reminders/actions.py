"""What a person decides about a reminder here instead of in the CRM: done, snoozed or cancelled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.reminders.standing import close_tasks, forget_unsent
from service.reminders.states import move
from service.store.models import ConnectionRow, ReminderRow, ReminderState
from service.store.reminders import lock_connection, wake_ended, wake_episodes


def finish_reminders(
    tx: Session, reminder_ids: Collection[int], *, who: str, why: str, today: date, now: datetime
) -> int:
    """These are done: their tasks are closed, the next steps follow. Returns how many were not over yet."""
    return _end(tx, reminder_ids, ReminderState.DONE, who=who, why=why, today=today, now=now)


def cancel_reminders(
    tx: Session, reminder_ids: Collection[int], *, who: str, why: str, today: date, now: datetime
) -> int:
    """These steps end for their episode: their tasks are closed with `why`. Returns how many were not over yet."""
    return _end(tx, reminder_ids, ReminderState.CANCELLED, who=who, why=why, today=today, now=now)


def snooze_reminders(
    tx: Session, reminder_ids: Collection[int], until: date, *, who: str, today: date, now: datetime
) -> int:
    """Move these to a day and keep them there until then. Returns how many could be moved."""
    total = 0
    for connection, ids in _by_connection(tx, reminder_ids):
        whys = dict.fromkeys(ids, f"Snoozed until {until.isoformat()}.")
        moved = move(
            tx, connection.id, whys, ReminderState.SNOOZED, who=who, now=now, rule=None, due_on=until, is_pinned=True
        )
        forget_unsent(tx, moved, why="Snoozed before it was written.", now=now)
        episodes = tx.scalars(select(ReminderRow.episode_id).where(ReminderRow.id.in_(moved))).all()
        wake_episodes(tx, set(episodes), today=today)
        total += len(moved)
    return total


def _end(
    tx: Session,
    reminder_ids: Collection[int],
    to: ReminderState,
    *,
    who: str,
    why: str,
    today: date,
    now: datetime,
) -> int:
    total = 0
    for connection, ids in _by_connection(tx, reminder_ids):
        ended = move(tx, connection.id, dict.fromkeys(ids, why), to, who=who, now=now, rule=None, act_on=None)
        forget_unsent(tx, ended, why=why, now=now)
        close_tasks(tx, connection, dict.fromkeys(ended, why), now=now, is_planned=True)
        wake_ended(tx, connection.id, ended, today=today)
        total += len(ended)
    return total


def _by_connection(tx: Session, reminder_ids: Collection[int]) -> list[tuple[ConnectionRow, list[int]]]:
    groups: dict[int, list[int]] = {}
    rows = tx.execute(select(ReminderRow.id, ReminderRow.connection_id).where(ReminderRow.id.in_(reminder_ids)))
    for row in rows:
        groups.setdefault(row.connection_id, []).append(row.id)
    return [(lock_connection(tx, connection_id), ids) for connection_id, ids in sorted(groups.items())]

"""What a person decides about a reminder here instead of in the CRM: done, snoozed or cancelled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mappings.calendars import business_days
from service.clock import today_in
from service.reminders.standing import close_tasks, forget_unsent
from service.reminders.states import move
from service.reminders.words import day_in_words
from service.store.models import ConnectionRow, DealRow, ReminderRow, ReminderState, TaskRefRow
from service.store.reminders import load_task_refs, lock_connection, wake_ended, wake_episodes


class Action(StrEnum):
    """What can be decided about a reminder outside the CRM."""

    DONE = "done"
    SNOOZE = "snooze"
    CANCEL = "cancel"


class PastDayError(ValueError):
    """A snooze to a day that is over, or to none."""


NOTES = {
    Action.DONE: "Marked as done in Rekindle.",
    Action.CANCEL: "Cancelled in Rekindle: this step is not followed up any further.",
}
"""What the closed task then says."""


def decide(
    tx: Session,
    reminder_ids: Collection[int],
    action: Action,
    *,
    who: str,
    now: datetime,
    until: date | None = None,
    why: str = "",
) -> frozenset[int]:
    """Which of these could be changed so. `until` is a snooze's day, `why` what else is said. Raises PastDayError."""
    changed: frozenset[int] = frozenset()
    for connection, ids in _by_connection(tx, reminder_ids):
        today = today_in(connection.zone, now)
        if action is Action.SNOOZE:
            if until is None or until < today:
                raise PastDayError("A snooze goes to a day that is still to come.")
            changed |= snooze_reminders(tx, ids, until, who=who, today=today, now=now)
        else:
            act = finish_reminders if action is Action.DONE else cancel_reminders
            changed |= act(tx, ids, who=who, why=why or NOTES[action], today=today, now=now)
    return changed


def finish_reminders(
    tx: Session, reminder_ids: Collection[int], *, who: str, why: str, today: date, now: datetime
) -> frozenset[int]:
    """These are done: their tasks are closed, the next steps follow. Returns those that were not over yet."""
    return _end(tx, reminder_ids, ReminderState.DONE, who=who, why=why, today=today, now=now)


def cancel_reminders(
    tx: Session, reminder_ids: Collection[int], *, who: str, why: str, today: date, now: datetime
) -> frozenset[int]:
    """These steps end for their episode: their tasks are closed with `why`. Returns those that were not over yet."""
    return _end(tx, reminder_ids, ReminderState.CANCELLED, who=who, why=why, today=today, now=now)


def snooze_reminders(
    tx: Session, reminder_ids: Collection[int], until: date, *, who: str, today: date, now: datetime
) -> frozenset[int]:
    """Move these to a day, or the next on which people work where the account is, and keep them there until then.

    Returns those that could be moved.
    """
    total: frozenset[int] = frozenset()
    for connection, ids in _by_connection(tx, reminder_ids):
        _let_go_of_day(tx, ids)
        for day, theirs in snooze_days(tx, ids, until).items():
            whys = dict.fromkeys(theirs, _why_snoozed(until, day))
            total |= move(
                tx, connection.id, whys, ReminderState.SNOOZED, who=who, now=now, rule=None, due_on=day, is_pinned=True
            )
        moved = total & {*ids}
        forget_unsent(tx, moved, why="Snoozed before it was written.", now=now)
        episodes = tx.scalars(select(ReminderRow.episode_id).where(ReminderRow.id.in_(moved))).all()
        wake_episodes(tx, set(episodes), today=today)
    return total


def snooze_days(tx: Session, reminder_ids: Collection[int], until: date) -> dict[date, list[int]]:
    """On which day each of these would come back: that one, or the next working day in the account's country.

    A blackout is ours, and no reason to go against the day that a person names.
    """
    query = select(ReminderRow.id, DealRow.country).join(DealRow, DealRow.id == ReminderRow.deal_id)
    found: dict[date, list[int]] = {}
    for id_, country in tx.execute(query.where(ReminderRow.id.in_(reminder_ids)).order_by(ReminderRow.id)):
        found.setdefault(business_days(country, ()).forward(until) or until, []).append(id_)
    return found


def _why_snoozed(until: date, day: date) -> str:
    if day == until:
        return f"Snoozed until {day_in_words(day)}."
    return f"Snoozed until {day_in_words(day)}: on {day_in_words(until)} nobody works there."


def _end(
    tx: Session,
    reminder_ids: Collection[int],
    to: ReminderState,
    *,
    who: str,
    why: str,
    today: date,
    now: datetime,
) -> frozenset[int]:
    total: frozenset[int] = frozenset()
    for connection, ids in _by_connection(tx, reminder_ids):
        ended = move(tx, connection.id, dict.fromkeys(ids, why), to, who=who, now=now, rule=None, act_on=None)
        forget_unsent(tx, ended, why=why, now=now)
        close_tasks(tx, connection, dict.fromkeys(ended, why), now=now, is_planned=True)
        wake_ended(tx, connection.id, ended, today=today)
        total |= ended
    return total


def _let_go_of_day(tx: Session, reminder_ids: Collection[int]) -> None:
    """A day that a person gave the task in the CRM gives way to the one they give it here.

    What stands there is then what we know of, so that a move which no read-back has seen yet still wins.
    """
    moved = {id_: ref for id_, ref in load_task_refs(tx, reminder_ids).items() if "due_on" in ref.touched}
    if not moved:
        return
    days = tx.execute(select(ReminderRow.id, ReminderRow.due_on).where(ReminderRow.id.in_(moved)))
    rows = [
        {
            "id": moved[row.id].id,
            "touched": [field for field in moved[row.id].touched if field != "due_on"],
            "seen": {field: value for field, value in (moved[row.id].seen or {}).items() if field != "due_on"} or None,
            "written": {**moved[row.id].written, "due_on": row.due_on.isoformat()},
        }
        for row in days
    ]
    tx.execute(update(TaskRefRow), rows)


def _by_connection(tx: Session, reminder_ids: Collection[int]) -> list[tuple[ConnectionRow, list[int]]]:
    groups: dict[int, list[int]] = {}
    rows = tx.execute(select(ReminderRow.id, ReminderRow.connection_id).where(ReminderRow.id.in_(reminder_ids)))
    for row in rows:
        groups.setdefault(row.connection_id, []).append(row.id)
    return [(lock_connection(tx, connection_id), ids) for connection_id, ids in sorted(groups.items())]

"""Making each rep's message of the day, and a manager's of the week. One a day and reader: the database keeps that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.bootstrap import App
from service.clock import zone_named
from service.store.bulk import table_of
from service.store.models import (
    ConnectionRow,
    ConnectionState,
    EpisodeRow,
    MessageRow,
    MessageState,
    OwnerRow,
    ReminderRow,
    ReminderState,
)

DIGEST, ESCALATION = "digest", "escalation"
OFF = "off"
MOST = 20
"""So many reminders a message lists; it says how many more there are."""
OPEN_HOURS = 10
"""So long after its hour a message that was missed is still made. Later it would come at night: the next one tells."""
MONDAY, SATURDAY = 0, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    reminder_id: int
    owner_id: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A message to be made: to whom, of which day of theirs, about which reminders."""

    kind: str
    owner_id: str
    day: date
    reminder_ids: tuple[int, ...]


def make_digests(app: App, connection: ConnectionRow) -> int:
    """Make the messages whose hour has come where their reader lives; how many are new."""
    now = app.now()
    with app.store.begin() as tx:
        held = tx.get_one(ConnectionRow, connection.id)
        if held.digest == OFF or held.state != ConnectionState.LIVE:
            return 0
        people = {row.owner_id: row for row in _load_people(tx, held.id)}
        digests = [*_digests(tx, held, people, now), *_escalations(tx, held, people, now)]
        return _save(tx, held, digests, now)


def reading_day(connection: ConnectionRow, person: OwnerRow, now: datetime) -> date | None:
    """The reader's own day, while it is the time of day for a message; else None."""
    there = now.astimezone(zone_named(person.zone or connection.zone))
    is_time = connection.digest_hour <= there.hour < connection.digest_hour + OPEN_HOURS
    return there.date() if is_time else None


def _digests(tx: Session, connection: ConnectionRow, people: Mapping[str, OwnerRow], now: datetime) -> Iterator[Digest]:
    days = {id_: day for id_, person in people.items() if (day := reading_day(connection, person, now))}
    waiting = _load_due(tx, connection.id, set(days) - _told(tx, connection.id, DIGEST, days))
    for owner_id, due in waiting.items():
        day = days[owner_id]
        if day.weekday() >= SATURDAY and all(one.due_on < day for one in due):
            continue  # nothing new: it was said on Friday, and will be on Monday
        yield Digest(kind=DIGEST, owner_id=owner_id, day=day, reminder_ids=_ids(due))


def _escalations(
    tx: Session, connection: ConnectionRow, people: Mapping[str, OwnerRow], now: datetime
) -> Iterator[Digest]:
    """On Mondays, what a manager's people have left lying for long."""
    if connection.escalate_after_days is None:
        return
    mondays = {
        id_: day
        for id_, person in people.items()
        if (day := reading_day(connection, person, now)) and day.weekday() == MONDAY
    }
    open_ = set(mondays) - _told(tx, connection.id, ESCALATION, mondays)
    teams = {id_: person.manager_id for id_, person in people.items() if person.manager_id in open_}
    overdue: dict[str, list[_Due]] = {}
    for owner_id, due in _load_due(tx, connection.id, set(teams)).items():
        manager_id = teams[owner_id] or ""
        last = mondays[manager_id] - timedelta(days=connection.escalate_after_days)
        overdue.setdefault(manager_id, []).extend(one for one in due if one.due_on <= last)
    for manager_id, left in overdue.items():
        if left:
            yield Digest(kind=ESCALATION, owner_id=manager_id, day=mondays[manager_id], reminder_ids=_ids(left))


def _load_people(tx: Session, connection_id: int) -> list[OwnerRow]:
    """The account's own active users; nobody else is ever written to."""
    return list(tx.scalars(select(OwnerRow).where(OwnerRow.connection_id == connection_id, OwnerRow.is_active)))


def _told(tx: Session, connection_id: int, kind: str, days: Mapping[str, date]) -> set[str]:
    rows = tx.execute(
        select(MessageRow.owner_id, MessageRow.day).where(
            MessageRow.connection_id == connection_id,
            MessageRow.kind == kind,
            MessageRow.owner_id.in_(days),
            MessageRow.day.in_(set(days.values())),
        )
    )
    return {row.owner_id for row in rows if days[row.owner_id] == row.day}


def _load_due(tx: Session, connection_id: int, owner_ids: set[str]) -> dict[str, list[_Due]]:
    """What is due and open, by rep, the longest overdue first. Uses ix_reminders_due."""
    rows = tx.execute(
        select(ReminderRow.id, ReminderRow.owner_id, ReminderRow.due_on)
        .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
        .where(
            ReminderRow.connection_id == connection_id,
            ReminderRow.state == ReminderState.DUE,
            ReminderRow.owner_id.in_(owner_ids),
            EpisodeRow.ended_as.is_(None),
        )
        .order_by(ReminderRow.due_on, ReminderRow.id)
    )
    found: dict[str, list[_Due]] = {}
    for id_, owner_id, due_on in rows:
        found.setdefault(owner_id or "", []).append(_Due(reminder_id=id_, owner_id=owner_id or "", due_on=due_on))
    return found


def _ids(due: list[_Due]) -> tuple[int, ...]:
    return tuple(one.reminder_id for one in due)


def _save(tx: Session, connection: ConnectionRow, digests: list[Digest], now: datetime) -> int:
    """Of two schedulers that make the same message, the second finds it made."""
    if not digests:
        return 0
    is_postgresql = tx.get_bind().dialect.name == "postgresql"
    table = table_of(MessageRow)
    insert = (postgresql.insert if is_postgresql else sqlite.insert)(table).on_conflict_do_nothing()
    rows = [_row(connection, one, now) for one in digests]
    return len(tx.scalars(insert.values(rows).returning(table.c.id)).all())


def _row(connection: ConnectionRow, one: Digest, now: datetime) -> dict[str, Any]:
    return {
        "connection_id": connection.id,
        "kind": one.kind,
        "owner_id": one.owner_id,
        "day": one.day,
        "channel": connection.digest,
        "state": MessageState.READY,
        "content": {"reminder_ids": list(one.reminder_ids[:MOST]), "more": max(len(one.reminder_ids) - MOST, 0)},
        "attempts": 0,
        "next_try_at": now,
        "created_at": now,
    }

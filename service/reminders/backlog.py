"""What was long overdue at go-live: released by an admin, or a few per rep and week, the largest deals first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, time

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from mappings.model import Anchor, LostDeal, Purpose, Step
from service.clock import zone_named
from service.reminders.placing import Unplaced
from service.reminders.queued import Queued
from service.reminders.reconcile import PLAN_CHANGED
from service.reminders.states import move
from service.store.codec import from_record
from service.store.models import ConnectionRow, DealRow, EpisodeRow, ReminderRow, ReminderState
from service.store.reminders import week_start

RELEASED = "Released from the backlog."


def release_due(tx: Session, connection: ConnectionRow, *, today: date, now: datetime, per_week: int) -> list[Unplaced]:
    """The backlog reminders whose turn it is this week, so many a rep; scheduled, and to be placed by the caller."""
    waiting = tx.execute(
        select(ReminderRow.id, ReminderRow.owner_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
        .where(
            ReminderRow.connection_id == connection.id,
            ReminderRow.state == ReminderState.HELD,
            ReminderRow.is_backlog,
            EpisodeRow.ended_as.is_(None),
        )
        .order_by(func.coalesce(DealRow.amount, 0).desc(), ReminderRow.planned_on, DealRow.account_name, DealRow.name)
    ).all()
    if not waiting:
        return []
    room = _released_this_week(tx, connection, today)
    chosen = []
    for row in waiting:
        if room[row.owner_id] < per_week:
            room[row.owner_id] += 1
            chosen.append(row.id)
    return release(tx, connection, chosen, rule=_rule(today), who="rekindle", today=today, now=now)


def release(
    tx: Session,
    connection: ConnectionRow,
    reminder_ids: Collection[int],
    *,
    rule: str = "released",
    who: str,
    today: date,
    now: datetime,
) -> list[Unplaced]:
    """Take these out of the backlog: scheduled for today or later, and to be placed by the caller."""
    whys = dict.fromkeys(reminder_ids, RELEASED)
    moved = move(tx, connection.id, whys, ReminderState.SCHEDULED, who=who, now=now, rule=rule, act_on=today)
    rows = tx.execute(
        select(ReminderRow, DealRow.record)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(ReminderRow.id.in_(moved))
        .order_by(ReminderRow.id),
        execution_options={"populate_existing": True},
    )
    return [
        Unplaced(reminder_id=row.id, owner_id=row.owner_id, deal=from_record(record, LostDeal), step=as_step(row))
        for row, record in rows
    ]


def as_step(row: ReminderRow | Queued) -> Step:
    """A reminder as the step it was made of."""
    return Step(
        purpose=Purpose(row.purpose),
        ordinal=row.ordinal,
        computed_on=row.computed_on,
        due_on=row.planned_on,
        anchor=Anchor(row.anchor),
        provisional=row.provisional,
        deadline_on=row.deadline_on,
        why=row.why,
    )


def _released_this_week(tx: Session, connection: ConnectionRow, today: date) -> Counter[str | None]:
    """How many of each rep's were released; one that left the plan since, or came back, was released all the same."""
    monday = datetime.combine(week_start(today), time(), zone_named(connection.zone))
    was_planned_anew = or_(ReminderRow.rule.is_(None), ReminderRow.rule == PLAN_CHANGED)
    is_released = or_(ReminderRow.rule == _rule(today), and_(was_planned_anew, ReminderRow.placed_at >= monday))
    rows = tx.execute(
        select(ReminderRow.owner_id, func.count())
        .where(ReminderRow.connection_id == connection.id, ReminderRow.is_backlog, is_released)
        .group_by(ReminderRow.owner_id)
    )
    return Counter({row.owner_id: row[1] for row in rows})


def _rule(today: date) -> str:
    year, week, _ = today.isocalendar()
    return f"released_{year}-W{week:02d}"

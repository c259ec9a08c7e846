"""Queries on reminders and on the tasks that show them. Each takes a batch; none commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.bulk import insert_numbered, update_rows
from service.store.models import (
    ConnectionRow,
    DealRow,
    EpisodeRow,
    OutboxKind,
    OutboxRow,
    ReminderRow,
    ReminderState,
    TaskRefRow,
    TaskRefState,
)
from service.store.outbox import UNFINISHED
from service.store.session import locked

STANDING = (ReminderState.SCHEDULED, ReminderState.DUE, ReminderState.SNOOZED)
_PLAIN = {"synchronize_session": False}
_FRESH = {"populate_existing": True}
HELPING = 5000


def lock_connection(tx: Session, connection_id: int) -> ConnectionRow:
    """The connection as it is now. Until the transaction ends nobody else can change its state.

    Whoever changes reminders, tasks or outbox rows of a connection takes this lock first: with one order of locks
    no two workers can wait for each other. It keeps no row from being added that refers to the connection: a webhook
    is stored while a page of a sync is being saved.
    """
    statement = select(ConnectionRow).where(ConnectionRow.id == connection_id).with_for_update(key_share=True)
    return tx.scalars(statement, execution_options=_FRESH).one()


def take_lock(tx: Session, connection_id: int) -> None:
    """The same lock, for a caller that has the connection already."""
    tx.execute(select(ConnectionRow.id).where(ConnectionRow.id == connection_id).with_for_update(key_share=True))


def load_reminders(tx: Session, episode_ids: Collection[int]) -> list[ReminderRow]:
    """All reminders of these episodes, in the plan's order; locked, so that they stay as they are seen."""
    statement = (
        select(ReminderRow)
        .where(among(ReminderRow.episode_id, episode_ids))
        .order_by(ReminderRow.episode_id, ReminderRow.position, ReminderRow.id)
        .with_for_update()
    )
    return list(tx.scalars(statement, execution_options=_FRESH))


def load_follow_up_counts(
    tx: Session, connection_id: int, owner_ids: Collection[str | None], *, since: date
) -> Counter[tuple[str | None, date]]:
    """How many placed follow-ups these reps have by day. Uses ix_reminders_owner_day."""
    known = [id_ for id_ in owner_ids if id_ is not None]
    is_theirs = among(ReminderRow.owner_id, known)
    statement = (
        select(ReminderRow.owner_id, ReminderRow.due_on, func.count())
        .where(
            ReminderRow.connection_id == connection_id,
            or_(is_theirs, ReminderRow.owner_id.is_(None)) if None in owner_ids else is_theirs,
            ReminderRow.due_on >= since,
            ReminderRow.state.in_(STANDING),
            or_(ReminderRow.is_placed, ReminderRow.is_pinned),
        )
        .group_by(ReminderRow.owner_id, ReminderRow.due_on)
    )
    return Counter({(owner_id, day): count for owner_id, day, count in tx.execute(statement)})


@dataclass(frozen=True, slots=True)
class PlacedDays:
    """The day a reminder is planned for, and the days it was given so far, by the day it was planned for."""

    planned_on: date
    given: dict[str, str]


def load_placed_days(tx: Session, reminder_ids: Sequence[int]) -> dict[int, PlacedDays]:
    """What these reminders were given before; asked for in helpings, as a whole book may be placed at once."""
    found = {}
    for start in range(0, len(reminder_ids), HELPING):
        query = select(ReminderRow.id, ReminderRow.planned_on, ReminderRow.placed_days)
        for row in tx.execute(query.where(among(ReminderRow.id, reminder_ids[start : start + HELPING]))):
            found[row.id] = PlacedDays(row.planned_on, row.placed_days or {})
    return found


def mark_announced(tx: Session, episode_ids: Collection[int]) -> None:
    """A person saw these episodes change: what is written of it later is no surprise to the brake."""
    if episode_ids:
        tx.execute(
            update(ReminderRow)
            .where(among(ReminderRow.episode_id, episode_ids), ReminderRow.state.in_(STANDING))
            .values(is_announced=True),
            execution_options=_PLAIN,
        )


def week_start(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def insert_reminders(tx: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of the new rows, in order."""
    return insert_numbered(tx, ReminderRow, rows)


def update_reminders(tx: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Set columns by id; every row names the same columns."""
    update_rows(tx, ReminderRow, rows)


def load_task_refs(
    tx: Session, reminder_ids: Collection[int], states: Iterable[TaskRefState] = (TaskRefState.OPEN,)
) -> dict[int, TaskRefRow]:
    """The latest task in one of these states of each reminder."""
    statement = (
        select(TaskRefRow)
        .where(among(TaskRefRow.reminder_id, reminder_ids), TaskRefRow.state.in_(list(states)))
        .order_by(TaskRefRow.id)
    )
    return {ref.reminder_id: ref for ref in tx.scalars(locked(tx, statement), execution_options=_FRESH)}


def wake_episodes(tx: Session, episode_ids: Collection[int], *, today: date) -> None:
    """Have the standing reminders of these episodes looked at."""
    if episode_ids:
        _wake(tx, among(ReminderRow.episode_id, episode_ids), today=today)


def wake_deals(tx: Session, connection_id: int, crm_deal_ids: Collection[str], *, today: date) -> None:
    """Have the standing reminders of these deals looked at."""
    if crm_deal_ids:
        deals = select(DealRow.id).where(
            DealRow.connection_id == connection_id, among(DealRow.crm_deal_id, crm_deal_ids)
        )
        _wake(tx, ReminderRow.deal_id.in_(deals), today=today)


def wake_accounts(tx: Session, connection_id: int, account_keys: Collection[str], *, today: date) -> None:
    """Have the reminders of these accounts looked at: one of their tasks ended. Uses ix_deals_account."""
    if account_keys:
        deals = select(DealRow.id).where(
            DealRow.connection_id == connection_id, among(DealRow.account_key, account_keys)
        )
        _wake(tx, ReminderRow.deal_id.in_(deals), today=today)


def _wake(tx: Session, which: ColumnElement[bool], *, today: date) -> None:
    standing = update(ReminderRow).where(which, ReminderRow.state.in_(STANDING))
    tx.execute(standing.values(act_on=today), execution_options=_PLAIN)


def wake_ended(tx: Session, connection_id: int, reminder_ids: Collection[int], *, today: date) -> None:
    """These reminders ended: what follows in their episodes, and what waits in their accounts, is looked at."""
    if not reminder_ids:
        return
    found = tx.execute(
        select(ReminderRow.episode_id, DealRow.account_key)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(among(ReminderRow.id, reminder_ids))
    ).all()
    wake_episodes(tx, {row.episode_id for row in found}, today=today)
    wake_accounts(tx, connection_id, {row.account_key for row in found if row.account_key}, today=today)


def wake_overlooked(tx: Session, connection_id: int, *, today: date) -> None:
    """Have those looked at whom nobody would: no task stands at their account, and no day to look is noted.

    Whatever ends or changes a follow-up wakes those beside it in the same transaction; this is the net below that.
    """
    first_writes = select(OutboxRow.reminder_id).where(
        OutboxRow.connection_id == connection_id,
        OutboxRow.kind == OutboxKind.CREATE_TASK,
        OutboxRow.state.in_(UNFINISHED),
        OutboxRow.reminder_id.is_not(None),
    )
    tasks = select(TaskRefRow.reminder_id).where(
        TaskRefRow.connection_id == connection_id, TaskRefRow.state == TaskRefState.OPEN
    )
    seen_to = select(ReminderRow.deal_id).where(
        ReminderRow.connection_id == connection_id,
        or_(
            and_(ReminderRow.act_on.is_not(None), ReminderRow.state.in_(STANDING)),
            ReminderRow.id.in_(tasks),
            ReminderRow.id.in_(first_writes),
        ),
    )
    accounts = select(DealRow.account_key).where(DealRow.id.in_(seen_to), DealRow.account_key.is_not(None))
    overlooked = (
        select(ReminderRow.id)
        .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(
            ReminderRow.connection_id == connection_id,
            ReminderRow.state.in_(STANDING),
            EpisodeRow.ended_as.is_(None),
            DealRow.id.not_in(seen_to),
            or_(DealRow.account_key.is_(None), DealRow.account_key.not_in(accounts)),
        )
    )
    woken = update(ReminderRow).where(ReminderRow.id.in_(overlooked)).values(act_on=today)
    tx.execute(woken, execution_options=_PLAIN)

"""Queries behind the page of reminders. They only read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from service.store.models import ConnectionRow, DealRow, OwnerRow, ReminderRow, ReminderState, TaskRefRow, TaskRefState

PAGE = 100
STANDING = (ReminderState.SCHEDULED, ReminderState.DUE, ReminderState.SNOOZED)
Owners = Sequence[tuple[int, str]] | None
Part = str | tuple[date, date]
"""A part of the queue: a bucket by its name, or what is due from one day to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One follow-up in the queue."""

    id: int
    deal_row_id: int
    connection: str
    account: str
    deal: str
    amount: Decimal | None
    currency: str | None
    owner: str
    purpose: str
    due_on: date
    deadline_on: date | None
    state: str
    is_pinned: bool
    provisional: bool
    why: str
    task_id: str | None


def counts_by_bucket(
    tx: Session, today: date, *, owners: Owners, owner_id: str | None, connection_id: int | None = None
) -> dict[str, int]:
    """How many follow-ups are in each bucket."""
    counts = {}
    for bucket in ("overdue", "today", "week", "later", "backlog"):
        query = select(func.count()).select_from(ReminderRow)
        if owners is not None:  # without it the index alone is read: ix_reminders_due
            query = query.join(DealRow, DealRow.id == ReminderRow.deal_id)
        counts[bucket] = tx.scalar(query.where(_in(bucket, today), *_of(owners, owner_id, connection_id))) or 0
    return counts


def queue_lines(
    tx: Session,
    bucket: Part,
    today: date,
    *,
    owners: Owners,
    owner_id: str | None,
    words: str,
    page: int,
    size: int = PAGE,
    connection_id: int | None = None,
) -> tuple[list[QueueLine], int]:
    """A page of one part of the queue and how many are in it: by day, the backlog by amount."""
    conditions = [_in(bucket, today), *_of(owners, owner_id, connection_id), *_matching(words)]
    order: tuple[ColumnElement[Any], ...] = (ReminderRow.due_on.asc(), DealRow.account_name.asc(), ReminderRow.id.asc())
    if bucket == "backlog":
        order = (func.coalesce(DealRow.amount, 0).desc(), *order)
    if words:
        total, ids = _named(tx, conditions, order, start=(page - 1) * size, size=size)
    else:
        total, ids = _page_of(
            tx, conditions, order, bucket, joins=owners is not None, start=(page - 1) * size, size=size
        )
    rows = tx.execute(_lines().where(ReminderRow.id.in_(ids)).order_by(*order))
    names = QueueLine.__dataclass_fields__
    return [QueueLine(**dict(zip(names, row, strict=True))) for row in rows], total


def _named(
    tx: Session,
    conditions: Sequence[ColumnElement[bool]],
    order: tuple[ColumnElement[Any], ...],
    *,
    start: int,
    size: int,
) -> tuple[int, Sequence[int]]:
    """How many there are, and a page's ids. Names are looked at one by one: once is enough, by the database, since
    making thousands of rows of them here takes longer than finding them."""
    query = select(ReminderRow.id, func.count().over()).join(DealRow, DealRow.id == ReminderRow.deal_id)
    found = tx.execute(query.where(*conditions).order_by(*order).limit(size).offset(start)).all()
    if found or not start:
        return (found[0][1] if found else 0), [row[0] for row in found]
    counted = select(func.count()).select_from(ReminderRow).join(DealRow, DealRow.id == ReminderRow.deal_id)
    return tx.scalar(counted.where(*conditions)) or 0, []


def _page_of(
    tx: Session,
    conditions: list[ColumnElement[bool]],
    order: tuple[ColumnElement[Any], ...],
    bucket: Part,
    *,
    joins: bool,
    start: int,
    size: int,
) -> tuple[int, Sequence[int]]:
    """The same, where the reminders alone tell: by ix_reminders_due, or by ix_reminders_owner_state."""
    found = select(ReminderRow.id)
    if bucket == "backlog" or joins:
        found = found.join(DealRow, DealRow.id == ReminderRow.deal_id)
    found = found.where(*conditions)
    total = tx.scalar(select(func.count()).select_from(found.subquery())) or 0
    if bucket != "backlog":
        days, start = _days_of_page(tx, found, start, size)
        conditions = [*conditions, days]
    # The page's ids first: sorting whole lines would look up the task of every one of them.
    page_of = select(ReminderRow.id).join(DealRow, DealRow.id == ReminderRow.deal_id).where(*conditions)
    return total, tx.scalars(page_of.order_by(*order).limit(size).offset(start)).all()


def _days_of_page(tx: Session, found: Select[Any], start: int, size: int) -> tuple[ColumnElement[bool], int]:
    """Which days a page lies in, and how many of their lines come before it: only those need sorting by name."""
    days = found.with_only_columns(ReminderRow.due_on).order_by(ReminderRow.due_on).limit(size).offset(start)
    on = tx.scalars(days).all()
    if not on:
        return false(), 0
    earlier = found.where(ReminderRow.due_on < on[0])
    before = tx.scalar(select(func.count()).select_from(earlier.subquery())) or 0
    return ReminderRow.due_on.between(on[0], on[-1]), start - before


def whose_reminders(tx: Session, ids: Collection[int]) -> list[tuple[int, int, str | None]]:
    """(id, connection id, CRM owner id of the deal) of these reminders."""
    query = select(ReminderRow.id, ReminderRow.connection_id, DealRow.owner_id)
    query = query.join(DealRow, DealRow.id == ReminderRow.deal_id).where(ReminderRow.id.in_(ids))
    return [(row[0], row[1], row[2]) for row in tx.execute(query)]


def colleagues(tx: Session) -> list[OwnerRow]:
    """Everybody active who owns deals or follow-ups, by name: whom follow-ups can be given to."""
    have = select(ReminderRow.id).where(
        ReminderRow.connection_id == OwnerRow.connection_id, ReminderRow.owner_id == OwnerRow.owner_id
    )
    query = select(OwnerRow).where(OwnerRow.is_active.is_(True), have.exists())
    return list(tx.scalars(query.order_by(func.lower(OwnerRow.name), OwnerRow.email)))


def _lines() -> Any:
    task = (
        select(TaskRefRow.crm_task_id)
        .where(TaskRefRow.reminder_id == ReminderRow.id, TaskRefRow.state == TaskRefState.OPEN)
        .correlate(ReminderRow)
        .scalar_subquery()
    )
    owner = func.coalesce(func.nullif(OwnerRow.name, ""), OwnerRow.email, ReminderRow.owner_id, "")
    return (
        select(
            ReminderRow.id,
            DealRow.id,
            ConnectionRow.name,
            DealRow.account_name,
            DealRow.name,
            DealRow.amount,
            DealRow.currency,
            owner,
            ReminderRow.purpose,
            ReminderRow.due_on,
            ReminderRow.deadline_on,
            ReminderRow.state,
            ReminderRow.is_pinned,
            ReminderRow.provisional,
            ReminderRow.why,
            task,
        )
        .select_from(ReminderRow)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(ConnectionRow, ConnectionRow.id == ReminderRow.connection_id)
        .outerjoin(
            OwnerRow,
            and_(OwnerRow.connection_id == ReminderRow.connection_id, OwnerRow.owner_id == ReminderRow.owner_id),
        )
    )


def _in(bucket: Part, today: date) -> ColumnElement[bool]:
    """What belongs to a part of the queue. The week ends on Sunday."""
    if isinstance(bucket, tuple):
        return and_(ReminderRow.state.in_(STANDING), ReminderRow.due_on.between(*bucket))
    if bucket == "backlog":
        return and_(ReminderRow.state == ReminderState.HELD, ReminderRow.is_backlog.is_(True))
    sunday = today + timedelta(days=6 - today.weekday())
    days = {
        "overdue": ReminderRow.due_on < today,
        "today": ReminderRow.due_on == today,
        "week": and_(ReminderRow.due_on > today, ReminderRow.due_on <= sunday),
        "later": ReminderRow.due_on > max(today, sunday),
    }
    return and_(ReminderRow.state.in_(STANDING), days[bucket])


def _of(owners: Owners, owner_id: str | None, connection_id: int | None) -> list[ColumnElement[bool]]:
    given: list[ColumnElement[bool]] = []
    if owners is not None:
        theirs = [and_(DealRow.connection_id == one, DealRow.owner_id == owner) for one, owner in owners]
        given.append(or_(*theirs) if theirs else false())
    if owner_id:
        given.append(ReminderRow.owner_id == owner_id)
    if connection_id is not None:
        given.append(ReminderRow.connection_id == connection_id)
    return given


def _matching(words: str) -> list[ColumnElement[bool]]:
    return [
        or_(DealRow.name.icontains(word, autoescape=True), DealRow.account_name.icontains(word, autoescape=True))
        for word in words.split()[:8]
    ]

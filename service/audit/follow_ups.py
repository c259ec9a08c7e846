"""How the follow-ups stand: what is due, what nobody has touched before a deadline, which steps people delete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from service.audit.lens import Lens
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    DealRow,
    EpisodeRow,
    PlanRow,
    ReminderRow,
    ReminderState,
    TaskRefRow,
    TaskRefState,
)

STANDING = (ReminderState.SCHEDULED, ReminderState.DUE, ReminderState.SNOOZED)
UNTOUCHED = (ReminderState.HELD, ReminderState.SCHEDULED, ReminderState.DUE)
DEADLINE_DAYS = 30
DELETED_SHARE, DELETED_MINIMUM = 0.3, 10
"""Over 30 % of at least ten ended tasks deleted by people: the step is proposed for switching off."""


OUTCOMES = {TaskRefState.COMPLETED: "done", TaskRefState.DELETED: "deleted", TaskRefState.OPEN: "open"}


@dataclass(frozen=True, slots=True)
class Week:
    """The days that "this week" and "next week" mean on a day: from that day to Sunday, and the seven after."""

    today: date

    @property
    def sunday(self) -> date:
        """The end of this week."""
        return self.today + timedelta(days=6 - self.today.weekday())

    @property
    def next_monday(self) -> date:
        """The beginning of the next one."""
        return self.sunday + timedelta(days=1)

    @property
    def next_sunday(self) -> date:
        """Its end."""
        return self.sunday + timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many follow-ups are overdue, due this week and next, held back in the backlog."""

    overdue: int
    this_week: int
    next_week: int
    backlog: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A contract whose last useful day is near while nobody has worked on it."""

    connection: str
    deal_row_id: int
    account: str
    deal: str
    deadline_on: date
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepHealth:
    """What people did with the tasks of one purpose."""

    purpose: str
    done: int
    moved: int
    deleted: int
    open: int

    @property
    def is_unwanted(self) -> bool:
        """Whether people delete it often enough to propose switching it off."""
        ended = self.done + self.deleted
        return ended >= DELETED_MINIMUM and self.deleted / ended > DELETED_SHARE


def standing(tx: Session, lens: Lens, today: date) -> Standing:
    """The queue in four numbers, which are those of the lists that `Week` names; a rep's follow-ups are those they have
    to do, whoever owns the deal. Without an owner, ix_reminders_due alone is read."""
    week = Week(today)
    next_monday, after = week.next_monday, week.next_sunday + timedelta(days=1)
    due = ReminderRow.due_on

    def counted(*columns: ColumnElement[Any]) -> Select[Any]:
        query = select(*columns).select_from(ReminderRow)
        if lens.owner_id is not None:
            query = query.where(ReminderRow.owner_id == lens.owner_id)
        if lens.owners is not None:
            query = query.join(DealRow, DealRow.id == ReminderRow.deal_id).where(*_seen(replace(lens, owner_id=None)))
        return query if lens.connection_id is None else query.where(ReminderRow.connection_id == lens.connection_id)

    sums = (
        func.sum(case((condition, 1), else_=0))
        for condition in (due < today, and_(due >= today, due < next_monday), due >= next_monday)
    )
    stands = tx.execute(counted(*sums).where(ReminderRow.state.in_(STANDING), due < after)).one()
    backlog = counted(func.count()).where(ReminderRow.state == ReminderState.HELD, ReminderRow.is_backlog.is_(True))
    overdue, this_week, next_week = (int(one or 0) for one in stands)
    return Standing(overdue=overdue, this_week=this_week, next_week=next_week, backlog=tx.scalar(backlog) or 0)


def near_deadlines(tx: Session, lens: Lens, today: date, *, limit: int = 50) -> list[Deadline]:
    """Contracts whose last useful day is at most 30 days off and whose steps nobody has done, moved or changed."""
    worked = (
        select(ReminderRow.episode_id)
        .join(TaskRefRow, TaskRefRow.reminder_id == ReminderRow.id)
        .where(TaskRefRow.state.in_((TaskRefState.COMPLETED, TaskRefState.DELETED)))
    )
    query = (
        select(
            ConnectionRow.name,
            DealRow.id,
            DealRow.account_name,
            DealRow.name,
            func.min(ReminderRow.deadline_on),
            DealRow.amount,
            DealRow.currency,
        )
        .select_from(ReminderRow)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(ConnectionRow, ConnectionRow.id == ReminderRow.connection_id)
        .where(
            ReminderRow.deadline_on.between(today, today + timedelta(days=DEADLINE_DAYS)),
            ReminderRow.state.in_(UNTOUCHED),
            ReminderRow.is_pinned.is_(False),
            ReminderRow.episode_id.not_in(worked),
            *_seen(lens),
        )
        .group_by(ConnectionRow.name, DealRow.id, DealRow.account_name, DealRow.name, DealRow.amount, DealRow.currency)
        .order_by(func.min(ReminderRow.deadline_on), DealRow.account_name)
        .limit(limit)
    )
    return [
        Deadline(
            connection=row[0],
            deal_row_id=row[1],
            account=row[2],
            deal=row[3],
            deadline_on=row[4],
            amount=row[5],
            currency=row[6],
        )
        for row in tx.execute(query)
        if row[4] is not None
    ]


def step_health(tx: Session, lens: Lens) -> list[StepHealth]:
    """What people did with our tasks, by purpose."""
    query = (
        select(ReminderRow.purpose, TaskRefRow.state, ReminderRow.is_pinned, func.count())
        .select_from(TaskRefRow)
        .join(ReminderRow, ReminderRow.id == TaskRefRow.reminder_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(*_seen(lens))
        .group_by(ReminderRow.purpose, TaskRefRow.state, ReminderRow.is_pinned)
    )
    found: dict[str, dict[str, int]] = {}
    for purpose, state, is_pinned, count in tx.execute(query):
        counts = found.setdefault(purpose, {"done": 0, "moved": 0, "deleted": 0, "open": 0})
        name = OUTCOMES.get(TaskRefState(state))
        if name is not None:
            counts[name] += count
        if is_pinned:
            counts["moved"] += count
    return [StepHealth(purpose=purpose, **counts) for purpose, counts in sorted(found.items())]


def without_plan(tx: Session, lens: Lens) -> int:
    """Losses of the period whose reason nobody knows and which have no step for that."""
    query = (
        select(func.count())
        .select_from(ClassificationRow)
        .join(EpisodeRow, EpisodeRow.id == ClassificationRow.episode_id)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
    )
    # Begins at what nobody knows, by ix_classifications_category.
    return (
        tx.scalar(query.where(ClassificationRow.category == "unknown", lens.in_period(), *lens.conditions(), no_plan()))
        or 0
    )


def no_plan() -> ColumnElement[bool]:
    """Of an episode: that it lasts, and no step follows from it."""
    planned = exists().where(PlanRow.episode_id == EpisodeRow.id, PlanRow.why_none.is_not(None))
    return and_(planned, EpisodeRow.ended_as.is_(None))


def _seen(lens: Lens) -> list[ColumnElement[bool]]:
    """What of a lens bears on reminders: the connection, the owner, and whose deals the person may see.

    For queries that join the deals.
    """
    given: list[ColumnElement[bool]] = []
    if lens.connection_id is not None:
        given.append(DealRow.connection_id + 0 == lens.connection_id)  # no index: most deals are of the one connection
    if lens.owner_id is not None:
        given.append(DealRow.owner_id == lens.owner_id)
    if lens.owners is not None:
        theirs = [and_(DealRow.connection_id == one, DealRow.owner_id == owner) for one, owner in lens.owners]
        given.append(or_(*theirs) if theirs else false())
    return given

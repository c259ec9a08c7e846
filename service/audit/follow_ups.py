"""How the follow-ups stand: what is due, what nobody has touched before a deadline, which steps people delete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
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
    """The queue in four numbers. Uses ix_reminders_due."""
    monday = today - timedelta(days=today.weekday())
    next_monday, after = monday + timedelta(days=7), monday + timedelta(days=14)

    def count(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(ReminderRow).join(DealRow, DealRow.id == ReminderRow.deal_id)
        return tx.scalar(query.where(*conditions, *_seen(lens))) or 0

    stands = ReminderRow.state.in_(STANDING)
    return Standing(
        overdue=count(stands, ReminderRow.due_on < today),
        this_week=count(stands, ReminderRow.due_on >= today, ReminderRow.due_on < next_monday),
        next_week=count(stands, ReminderRow.due_on >= next_monday, ReminderRow.due_on < after),
        backlog=count(ReminderRow.state == ReminderState.HELD, ReminderRow.is_backlog.is_(True)),
    )


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
        .join(TaskRefRow, TaskRefRow.reminder_id == ReminderRow.id)
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
    return tx.scalar(lens.losses(func.count()).where(ClassificationRow.category == "unknown", no_plan())) or 0


def no_plan() -> ColumnElement[bool]:
    """Of an episode: that it lasts, and no step follows from it."""
    planned = exists().where(PlanRow.episode_id == EpisodeRow.id, PlanRow.why_none.is_not(None))
    return and_(planned, EpisodeRow.ended_as.is_(None))


def _seen(lens: Lens) -> list[ColumnElement[bool]]:
    """What of a lens bears on reminders: the connection, the owner, and whose deals the person may see."""
    given: list[ColumnElement[bool]] = []
    if lens.connection_id is not None:
        given.append(DealRow.connection_id == lens.connection_id)
    if lens.owner_id is not None:
        given.append(DealRow.owner_id == lens.owner_id)
    if lens.owners is not None:
        theirs = [and_(DealRow.connection_id == one, DealRow.owner_id == owner) for one, owner in lens.owners]
        given.append(or_(*theirs) if theirs else false())
    return given

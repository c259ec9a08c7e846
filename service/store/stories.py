"""Queries behind the pages about deals: lists of them, and everything about one. They only read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from service.store.consents import load_consents
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    ConsentRow,
    DealRow,
    DebriefRow,
    EpisodeRow,
    EventRow,
    FieldWriteRow,
    OwnerRow,
    PlanRow,
    ReminderRow,
    TaskRefRow,
)

PAGE = 50
FEW = 2000
_NEWEST = (EpisodeRow.lost_on.desc(), EpisodeRow.deal_id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class DealLine:
    """One row of the list of deals."""

    id: int
    connection: str
    name: str
    account: str
    owner: str
    amount: Decimal | None
    currency: str | None
    state: str
    lost_on: date
    category: str
    sub_reason: str | None
    confidence: float
    needs_review: bool
    next_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealStory:
    """Everything known of one deal, from the CRM's record to the tasks; episodes and events newest first."""

    deal: DealRow
    connection: ConnectionRow
    owner: OwnerRow | None
    episodes: Sequence[EpisodeRow]
    classification: ClassificationRow | None
    plan: PlanRow | None
    reminders: Sequence[ReminderRow]
    tasks: dict[int, TaskRefRow]
    task_owners: dict[str, str]
    events: Sequence[EventRow]
    fields: Sequence[FieldWriteRow]
    debrief: DebriefRow | None
    consents: Sequence[ConsentRow]


def deal_lines(
    tx: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    words: str = "",
    page: int = 1,
    size: int = PAGE,
    after: tuple[date, int] | None = None,
) -> tuple[list[DealLine], int]:
    """A page of the deals that meet the conditions, the latest loss first, and how many there are in all.

    `after` is the loss and the id of the last deal of the page before: what follows it costs the same anywhere, and is
    not counted again (0).
    """
    wanted = [*conditions, *_matching(words)]
    # The page's ids first: sorting whole lines would look up the next step of every one of them.
    if after is not None:
        total, ids = 0, _ids_after(tx, wanted, after, size)
    else:
        total, ids = _page_of(tx, wanted, start=(page - 1) * size, size=size)
    names = DealLine.__dataclass_fields__
    return [DealLine(**dict(zip(names, row, strict=True))) for row in tx.execute(_lines(ids))], total


def _lines(ids: Sequence[int]) -> Select[Any]:
    """The fields of a DealLine, in their order, of these deals."""
    next_on = (
        select(func.min(ReminderRow.due_on))
        .where(ReminderRow.episode_id == EpisodeRow.id, ReminderRow.state.in_(("scheduled", "due", "snoozed", "held")))
        .correlate(EpisodeRow)
        .scalar_subquery()
    )
    owner = func.coalesce(func.nullif(OwnerRow.name, ""), OwnerRow.email, DealRow.owner_id, "")
    return (
        _lost_deals(
            DealRow.id,
            ConnectionRow.name,
            DealRow.name,
            DealRow.account_name,
            owner,
            DealRow.amount,
            DealRow.currency,
            DealRow.state,
            EpisodeRow.lost_on,
            ClassificationRow.category,
            ClassificationRow.sub_reason,
            ClassificationRow.confidence,
            ClassificationRow.needs_review,
            next_on,
        )
        .join(ConnectionRow, ConnectionRow.id == DealRow.connection_id)
        .outerjoin(
            OwnerRow, and_(OwnerRow.connection_id == DealRow.connection_id, OwnerRow.owner_id == DealRow.owner_id)
        )
        .where(DealRow.id.in_(ids))
        .order_by(*_NEWEST)
    )


def _ids_after(tx: Session, wanted: Sequence[ColumnElement[bool]], after: tuple[date, int], size: int) -> Sequence[int]:
    later = tuple_(EpisodeRow.lost_on, EpisodeRow.deal_id) < after
    return tx.scalars(_lost_deals(EpisodeRow.deal_id).where(*wanted, later).order_by(*_NEWEST).limit(size)).all()


def _page_of(tx: Session, wanted: Sequence[ColumnElement[bool]], *, start: int, size: int) -> tuple[int, Sequence[int]]:
    """How many deals there are, and a page's ids: few are sorted here, of many those of the page's days alone."""
    few = tx.execute(_lost_deals(EpisodeRow.lost_on, EpisodeRow.deal_id).where(*wanted).limit(FEW + 1)).all()
    if len(few) <= FEW:
        newest = sorted((tuple(row) for row in few), reverse=True)
        return len(few), [deal_id for _, deal_id in newest[start : start + size]]
    # Not by the column itself: SQLite would walk ix_episodes_lost_on, and be led all over the table of deals.
    day = func.coalesce(EpisodeRow.lost_on, EpisodeRow.lost_on)
    by_day = sorted(tuple(row) for row in tx.execute(_lost_deals(day, func.count()).where(*wanted).group_by(day)))
    days, before, total = [], 0, 0
    for lost_on, count in reversed(by_day):
        if total + count <= start:
            before += count
        elif total < start + size:
            days.append(lost_on)
        total += count
    if not days:
        return total, []
    found = _lost_deals(EpisodeRow.deal_id).where(*wanted, EpisodeRow.lost_on.between(days[-1], days[0]))
    return total, tx.scalars(found.order_by(*_NEWEST).limit(size).offset(start - before)).all()


def deal_story(tx: Session, deal_row_id: int) -> DealStory | None:
    """Everything about one deal, or None where there is none of that id."""
    deal = tx.get(DealRow, deal_row_id)
    if deal is None:
        return None
    connection = tx.get_one(ConnectionRow, deal.connection_id)
    episodes = tx.scalars(
        select(EpisodeRow).where(EpisodeRow.deal_id == deal.id).order_by(EpisodeRow.number.desc())
    ).all()
    latest = episodes[0].id if episodes else None
    reminders = tx.scalars(
        select(ReminderRow)
        .where(ReminderRow.deal_id == deal.id)
        .order_by(ReminderRow.episode_id.desc(), ReminderRow.position)
    ).all()
    ids = [row.id for row in reminders]
    tasks = tx.scalars(select(TaskRefRow).where(TaskRefRow.reminder_id.in_(ids)).order_by(TaskRefRow.id)).all()
    return DealStory(
        deal=deal,
        connection=connection,
        owner=tx.get(OwnerRow, (deal.connection_id, deal.owner_id)) if deal.owner_id else None,
        episodes=episodes,
        classification=tx.get(ClassificationRow, latest) if latest else None,
        plan=tx.get(PlanRow, latest) if latest else None,
        reminders=reminders,
        tasks={task.reminder_id: task for task in tasks},
        task_owners=_names_of(tx, deal.connection_id, tasks),
        events=_events(tx, deal.id, ids),
        fields=tx.scalars(
            select(FieldWriteRow).where(FieldWriteRow.deal_id == deal.id).order_by(FieldWriteRow.field)
        ).all(),
        debrief=tx.get(DebriefRow, latest) if latest else None,
        consents=load_consents(tx, [deal.id]),
    )


def _names_of(tx: Session, connection_id: int, tasks: Sequence[TaskRefRow]) -> dict[str, str]:
    """Whom the tasks are given to, by the CRM's id."""
    ids = {found for task in tasks for told in (task.written, task.seen or {}) if (found := told.get("owner_id"))}
    owners = select(OwnerRow).where(OwnerRow.connection_id == connection_id, OwnerRow.owner_id.in_(ids))
    return {row.owner_id: row.name or row.email for row in tx.scalars(owners)} if ids else {}


def latest_episode(tx: Session, deal_row_id: int) -> EpisodeRow | None:
    """A deal's latest loss. Uses uq_episodes_deal_id_number."""
    losses = select(EpisodeRow).where(EpisodeRow.deal_id == deal_row_id).order_by(EpisodeRow.number.desc())
    return tx.scalar(losses.limit(1))


def _events(tx: Session, deal_row_id: int, reminder_ids: Sequence[int]) -> Sequence[EventRow]:
    """Uses ix_events_entity."""
    of_reminders = and_(EventRow.entity == "reminder", EventRow.entity_id.in_(reminder_ids))
    of_deal = and_(EventRow.entity == "deal", EventRow.entity_id == deal_row_id)
    return tx.scalars(select(EventRow).where(or_(of_reminders, of_deal)).order_by(EventRow.id.desc()).limit(200)).all()


def _lost_deals(*columns: Any) -> Select[Any]:
    """Each deal once, with its latest loss. Uses uq_episodes_deal_id_number."""
    newer = aliased(EpisodeRow)
    is_latest = ~exists().where(newer.deal_id == EpisodeRow.deal_id, newer.number > EpisodeRow.number)
    return (
        select(*columns)
        .select_from(DealRow)
        .join(EpisodeRow, and_(EpisodeRow.deal_id == DealRow.id, is_latest))
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
    )


def _matching(words: str) -> list[ColumnElement[bool]]:
    """Every word stands in the deal's or account's name."""
    return [
        or_(DealRow.name.icontains(word, autoescape=True), DealRow.account_name.icontains(word, autoescape=True))
        for word in words.split()[:8]
    ]

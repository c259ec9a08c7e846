"""Queries over what a scope chooses by: how many lost deals have each record type, pipeline and type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import false, func, select, true
from sqlalchemy.orm import Session

from service.store.models import DealRow, DealState, ReminderRow, TaskRefRow, TaskRefState

MOST_VALUES = 50


def counts_by(tx: Session, connection_id: int, attribute: str) -> list[tuple[str, int]]:
    """Lost deals by a member of their record (record_type, pipeline, deal_type), the most frequent first."""
    value = DealRow.record[attribute].as_string()
    found = (
        select(value, func.count())
        .where(DealRow.connection_id == connection_id, DealRow.state == DealState.LOST)
        .group_by(value)
        .order_by(func.count().desc())
        .limit(MOST_VALUES)
    )
    return [(row[0], row[1]) for row in tx.execute(found) if row[0]]


def excluded_counts(tx: Session, connection_id: int) -> tuple[int, Sequence[tuple[str, int]]]:
    """Lost deals in scope, and those left out by rule."""
    found = (
        select(DealRow.excluded_by, func.count())
        .where(DealRow.connection_id == connection_id, DealRow.state == DealState.LOST)
        .group_by(DealRow.excluded_by)
    )
    rows = tx.execute(found).all()
    inside = sum(count for rule, count in rows if rule is None)
    return inside, [(rule, count) for rule, count in rows if rule is not None]


def lost_by_owner(tx: Session, connection_id: int) -> dict[str, int]:
    """Lost deals in scope by their owner's id."""
    found = (
        select(DealRow.owner_id, func.count())
        .where(
            DealRow.connection_id == connection_id,
            DealRow.state == DealState.LOST,
            DealRow.excluded_by.is_(None),
            DealRow.owner_id.is_not(None),
        )
        .group_by(DealRow.owner_id)
    )
    return {owner: count for owner, count in tx.execute(found) if owner}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Lost deals that a scope cannot tell apart, but for the stages they reached, and how many there are.

    `is_enough`: whether their amount reaches the least that was asked about. `tasks` of ours stand in the CRM for them.
    """

    record_type: str | None
    pipeline: str | None
    deal_type: str | None
    is_enough: bool
    is_inside: bool
    deals: int
    tasks: int


def kinds_of_deals(tx: Session, connection_id: int, *, least: Decimal | None) -> list[Kind]:
    """The stored lost deals by what a scope asks of them: one grouped query, however many there are."""
    record = DealRow.record
    open_tasks = (
        select(func.count())
        .select_from(TaskRefRow)
        .join(ReminderRow, ReminderRow.id == TaskRefRow.reminder_id)
        .where(ReminderRow.deal_id == DealRow.id, TaskRefRow.state == TaskRefState.OPEN)
        .correlate(DealRow)
        .scalar_subquery()
    )
    is_enough = func.coalesce(DealRow.amount >= least, false()) if least is not None else true()
    each = (
        select(
            record["record_type"].as_string().label("record_type"),
            record["pipeline"].as_string().label("pipeline"),
            record["deal_type"].as_string().label("deal_type"),
            is_enough.label("is_enough"),
            DealRow.excluded_by.is_(None).label("is_inside"),
            open_tasks.label("tasks"),
        )
        .where(DealRow.connection_id == connection_id, DealRow.state == DealState.LOST)
        .subquery()
    )
    keys = (each.c.record_type, each.c.pipeline, each.c.deal_type, each.c.is_enough, each.c.is_inside)
    found = select(*keys, func.count(), func.sum(each.c.tasks)).group_by(*keys)
    return [
        Kind(
            record_type=row[0],
            pipeline=row[1],
            deal_type=row[2],
            is_enough=bool(row[3]),
            is_inside=bool(row[4]),
            deals=row[5],
            tasks=int(row[6] or 0),
        )
        for row in tx.execute(found)
    ]

"""Queries over what a scope chooses by: how many lost deals have each record type, pipeline and type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import false, func, literal, select
from sqlalchemy.orm import Session

from service.store.models import DealRow, DealState, ReminderRow, TaskRefRow, TaskRefState

MOST_VALUES = 50
SEGMENTS: Mapping[str, Any] = {
    "record_type": DealRow.record_type,
    "pipeline": DealRow.pipeline,
    "deal_type": DealRow.deal_type,
}


def counts_by(tx: Session, connection_id: int, attribute: str) -> list[tuple[str, int]]:
    """Lost deals by one of SEGMENTS, the most frequent first. Uses ix_deals_scope alone."""
    value = SEGMENTS[attribute]
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
    """The stored lost deals by what a scope asks of them: two grouped queries, however many there are."""
    is_enough = func.coalesce(DealRow.amount >= least, false()) if least is not None else literal(1) == 1
    keys = (*SEGMENTS.values(), is_enough, DealRow.excluded_by.is_(None))
    lost = (DealRow.connection_id == connection_id, DealRow.state == DealState.LOST)
    deals = tx.execute(select(*keys, func.count()).where(*lost).group_by(*keys)).all()
    # From the open tasks, which are few, to their deals: looking for the tasks of each deal takes twice as long.
    tasks = (
        select(*keys, func.count())
        .select_from(TaskRefRow)
        .join(ReminderRow, ReminderRow.id == TaskRefRow.reminder_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(*lost, TaskRefRow.connection_id == connection_id, TaskRefRow.state == TaskRefState.OPEN)
        .group_by(*keys)
    )
    standing = {tuple(row)[:-1]: row[-1] for row in tx.execute(tasks)}
    return [
        Kind(
            record_type=row[0],
            pipeline=row[1],
            deal_type=row[2],
            is_enough=bool(row[3]),
            is_inside=bool(row[4]),
            deals=row[5],
            tasks=standing.get(tuple(row)[:-1], 0),
        )
        for row in deals
    ]

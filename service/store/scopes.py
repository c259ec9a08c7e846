"""Queries over what a scope chooses by: how many lost deals have each record type, pipeline and type."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.models import DealRow, DealState

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

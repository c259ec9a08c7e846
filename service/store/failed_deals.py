"""Queries over deals that were read and could not be taken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from service.store.connections import FAILED_DEALS, drop_health, note_health
from service.store.models import FailedDealRow

_NAMED = 5


def failed_deals(tx: Session, connection_id: int) -> list[FailedDealRow]:
    """A connection's failed deals, by id."""
    mine = select(FailedDealRow).where(FailedDealRow.connection_id == connection_id)
    return list(tx.scalars(mine.order_by(FailedDealRow.crm_deal_id)))


def save_failed_deals(
    tx: Session, connection_id: int, found: Sequence[tuple[str, str, str, str]], *, now: datetime
) -> None:
    """Record deals that failed: id, name, month of the close date, what went wrong."""
    drop_failed_deals(tx, connection_id, [deal_id for deal_id, *_ in found])
    rows = [
        {
            "connection_id": connection_id,
            "crm_deal_id": deal_id,
            "name": name,
            "close_month": month,
            "error": error,
            "failed_at": now,
        }
        for deal_id, name, month, error in found
    ]
    if rows:
        tx.execute(insert(FailedDealRow), rows)


def drop_failed_deals(tx: Session, connection_id: int, deal_ids: Collection[str]) -> None:
    """These were taken after all."""
    known = set(tx.scalars(select(FailedDealRow.crm_deal_id).where(FailedDealRow.connection_id == connection_id)))
    if over := known & set(deal_ids):
        tx.execute(
            delete(FailedDealRow).where(
                FailedDealRow.connection_id == connection_id, FailedDealRow.crm_deal_id.in_(over)
            ),
            execution_options={"synchronize_session": False},
        )


def say_failed_deals(tx: Session, connection_id: int) -> None:
    """Keep the health's line about deals that could not be taken."""
    rows = failed_deals(tx, connection_id)
    if not rows:
        drop_health(tx, connection_id, FAILED_DEALS)
        return
    named = "; ".join(f"{row.crm_deal_id} {row.name}".strip() + f": {row.error}" for row in rows[:_NAMED])
    more = f"; and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    says = f"{len(rows)} deal(s) could not be taken and are tried again at the next sync: {named}{more}"
    note_health(tx, connection_id, FAILED_DEALS, ok=False, says=says)

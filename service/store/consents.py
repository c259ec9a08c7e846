"""Readings of who may be contacted: saved a batch at a time, shown with their deal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.bulk import table_of, upsert
from service.store.models import ConsentRow, DealContactRow, DealRow, ReminderRow, TaskRefRow, TaskRefState


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDeal:
    """What a reading is kept with: our row, where the account is, and the last exchange."""

    row_id: int
    crm_deal_id: str
    country: str | None
    lost_on: date | None


def load_asked(tx: Session, deal_row_ids: Collection[int]) -> list[AskedDeal]:
    """The deals that are asked about, without decoding them."""
    deals = table_of(DealRow)
    query = select(deals.c.id, deals.c.crm_deal_id, deals.c.country, deals.c.lost_on)
    found = tx.execute(query.where(among(deals.c.id, deal_row_ids)).order_by(deals.c.id))
    return [
        AskedDeal(row_id=row_id, crm_deal_id=crm_id, country=where, lost_on=lost_on)
        for row_id, crm_id, where, lost_on in found
    ]


def deals_with_tasks(tx: Session, reminder_ids: Collection[int]) -> dict[int, int]:
    """The deal of each of these reminders that has an open task of ours."""
    if not reminder_ids:
        return {}
    query = (
        select(ReminderRow.id, ReminderRow.deal_id)
        .join(TaskRefRow, TaskRefRow.reminder_id == ReminderRow.id)
        .where(among(ReminderRow.id, reminder_ids), TaskRefRow.state == TaskRefState.OPEN)
    )
    return {row.id: row.deal_id for row in tx.execute(query)}


def load_consents(tx: Session, deal_row_ids: Collection[int]) -> list[ConsentRow]:
    """The readings of these deals, the deals' own flags first."""
    query = select(ConsentRow).where(among(ConsentRow.deal_id, deal_row_ids))
    return list(tx.scalars(query.order_by(ConsentRow.deal_id, ConsentRow.contact_id)))


def save_consents(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put these readings in place of all there were of their deals; what is unchanged keeps the day it began."""
    deal_ids = {row["deal_id"] for row in rows}
    known = {(one.deal_id, one.contact_id): one for one in load_consents(tx, deal_ids)}
    full = []
    for row in rows:
        before = known.pop((row["deal_id"], row["contact_id"]), None)
        is_same = before is not None and before.flags == row["flags"]
        full.append({**row, "changed_at": before.changed_at if before is not None and is_same else row["read_at"]})
    if known:
        gone = tuple_(ConsentRow.deal_id, ConsentRow.contact_id).in_(list(known))
        tx.execute(delete(ConsentRow).where(gone), execution_options={"synchronize_session": False})
    upsert(tx, ConsentRow, full, key=["deal_id", "contact_id"])


def load_opted_out(tx: Session, deal_ids: Collection[int]) -> frozenset[int]:
    """Deals all of whose known contacts opted out."""
    flags: dict[int, list[bool]] = {}
    rows = tx.execute(
        select(DealContactRow.deal_id, DealContactRow.has_opted_out).where(among(DealContactRow.deal_id, deal_ids))
    )
    for deal_id, has_opted_out in rows:
        flags.setdefault(deal_id, []).append(has_opted_out)
    return frozenset(deal_id for deal_id, values in flags.items() if all(values))

"""Deal fields that are as we left them get their former values back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Connector, GoneDeal
from mappings.model import DealKey
from service.golive.report import Touched
from service.store.models import (
    ConnectionRow,
    DealRow,
    FieldWriteRow,
    OutboxKind,
    OutboxRow,
)
from service.store.outbox import UNFINISHED, Intent, save_intents
from service.store.session import Store

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OurField:
    """A field write of ours on record, and its deal."""

    row: FieldWriteRow
    deal: DealKey


def load_fields(store: Store, connection_id: int, *, since: datetime | None, after: int) -> list[OurField]:
    """Field writes of ours that were not taken back yet, of the next deals behind `after`; all of a deal at once."""
    statement = (
        select(FieldWriteRow, ConnectionRow.account_id, DealRow.crm_deal_id)
        .join(DealRow, DealRow.id == FieldWriteRow.deal_id)
        .join(ConnectionRow, ConnectionRow.id == FieldWriteRow.connection_id)
        .where(
            FieldWriteRow.connection_id == connection_id,
            FieldWriteRow.undone_at.is_(None),
            FieldWriteRow.is_in_flight.is_(False),
            FieldWriteRow.deal_id > after,
        )
        .order_by(FieldWriteRow.deal_id, FieldWriteRow.id)
    )
    if since is not None:
        statement = statement.where(FieldWriteRow.written_at >= since)
    with store.read() as tx:
        rows = tx.execute(statement.limit(BATCH)).all()
        # All fields of a deal are restored together.
        last = rows[-1][0].deal_id if len(rows) == BATCH else None
        kept = [row for row in rows if row[0].deal_id != last] or rows
        return [OurField(row=row, deal=DealKey(account_id, deal_id)) for row, account_id, deal_id in kept]


def sort_fields(connector: Connector, writes: Sequence[OurField]) -> tuple[list[OurField], list[Touched]]:
    """Fields that hold what we wrote, and those that a person has changed since. Asks the CRM."""
    keys = list(dict.fromkeys(one.deal for one in writes))
    # A deal that was reopened or won since still carries what we wrote while it was lost.
    present = {state.key: state.outputs for state in connector.get_deals(keys) if not isinstance(state, GoneDeal)}
    ours, touched = [], []
    for one in writes:
        there = present.get(one.deal)
        if there is None:
            continue  # the deal is gone, and its fields with it
        if (there.get(one.row.field) or None) == (one.row.written or None):
            ours.append(one)
        elif (there.get(one.row.field) or None) != (one.row.former or None):
            touched.append({"deal_id": one.deal.deal_id, "task_id": None, "what": f"field {one.row.field}"})
    return ours, touched


def restore_fields(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    since: datetime | None,
    now: datetime,
) -> list[Touched]:
    """Put into the outbox that fields we wrote (since then, or ever) get their former values; what people changed."""
    after, found = 0, list[Touched]()
    while writes := load_fields(store, connection_id, since=since, after=after):
        after = writes[-1].row.deal_id
        ours, touched = sort_fields(connector, writes)
        found += touched
        by_deal: dict[int, list[OurField]] = {}
        for one in ours:
            by_deal.setdefault(one.row.deal_id, []).append(one)
        intents = [
            Intent(
                kind=OutboxKind.WRITE_FIELDS,
                deal_id=deal_id,
                payload={
                    "deal": fields[0].deal.deal_id,
                    "values": {one.row.field: one.row.former for one in fields},
                    "seen": {one.row.field: one.row.written for one in fields},
                },
            )
            for deal_id, fields in by_deal.items()
        ]
        with store.begin() as tx:
            known = _pending_deals(tx, list(by_deal))
            fresh = [intent for intent in intents if intent.deal_id not in known]
            save_intents(tx, connection_id, fresh, now=now, is_planned=True, is_undo=True)
    return found


def _pending_deals(tx: Session, deal_ids: Sequence[int]) -> frozenset[int]:
    rows = tx.scalars(
        select(OutboxRow.deal_id).where(
            OutboxRow.deal_id.in_(deal_ids),
            OutboxRow.kind == OutboxKind.WRITE_FIELDS,
            OutboxRow.is_undo,
            OutboxRow.state.in_(UNFINISHED),
        )
    )
    return frozenset(id_ for id_ in rows if id_ is not None)

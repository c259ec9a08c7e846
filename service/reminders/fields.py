"""Category, sub-reason and next follow-up on the deal itself, where the account has fields for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Role
from mappings.model import Classification, LostDeal
from service.store.models import ConnectionRow, FieldWriteRow, OutboxKind, OutboxRow, OutboxState
from service.store.outbox import Intent, save_intents


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFacts:
    """A deal, what its loss means, and the day of its next follow-up."""

    deal_row_id: int
    deal: LostDeal
    classification: Classification
    next_on: date | None


def save_field_intents(
    tx: Session, connection: ConnectionRow, deals: Sequence[DealFacts], *, now: datetime, is_planned: bool
) -> int:
    """Intend to write the fields that differ. A field that a person filled or changed is left to them.

    Returns how many deals are to be written.
    """
    fields = {role: names[0] for role, names in _written_fields(connection).items()}
    if not fields or not deals:
        return 0
    ids = [one.deal_row_id for one in deals]
    written = _load_written(tx, ids)
    pending = _load_pending(tx, ids)
    intents = []
    for one in deals:
        last = {**written.get(one.deal_row_id, {}), **pending.get(one.deal_row_id, {})}
        values = {
            field: value
            for role, field in fields.items()
            if _is_to_write(one.deal, role, field, value := _value(role, one), last)
        }
        if values:
            payload = {"deal": one.deal.key.deal_id, "values": values, "seen": _seen(one.deal, values)}
            intents.append(Intent(kind=OutboxKind.WRITE_FIELDS, deal_id=one.deal_row_id, payload=payload))
    save_intents(tx, connection.id, intents, now=now, is_planned=is_planned)
    return len(intents)


def _written_fields(connection: ConnectionRow) -> Mapping[Role, Sequence[str]]:
    roles = (Role.CATEGORY_OUT, Role.SUB_REASON_OUT, Role.NEXT_FOLLOW_UP_OUT)
    return {role: names for role in roles if (names := connection.fields.get(str(role)))}


def _value(role: Role, one: DealFacts) -> str | None:
    verdict = one.classification.underlying
    if role == Role.CATEGORY_OUT:
        return str(verdict.category)
    if role == Role.SUB_REASON_OUT:
        return verdict.sub_reason
    return one.next_on.isoformat() if one.next_on else None


def _is_to_write(deal: LostDeal, role: Role, field: str, value: str | None, last: Mapping[str, str | None]) -> bool:
    now_there = deal.outputs.get(field) or None
    if field in last:
        # What the read saw may be older than our last write: only a third value is a person's.
        is_ours = now_there in {last[field], None} or field not in deal.outputs
        return is_ours and value != last[field]
    if role == Role.NEXT_FOLLOW_UP_OUT and deal.stated_follow_up is not None:
        return False
    return value != now_there


def _seen(deal: LostDeal, values: Mapping[str, str | None]) -> dict[str, str | None]:
    return {field: deal.outputs.get(field) or None for field in values}


def _load_written(tx: Session, deal_ids: Sequence[int]) -> dict[int, dict[str, str | None]]:
    rows = tx.execute(
        select(FieldWriteRow.deal_id, FieldWriteRow.field, FieldWriteRow.written).where(
            FieldWriteRow.deal_id.in_(deal_ids), FieldWriteRow.undone_at.is_(None)
        )
    )
    written: dict[int, dict[str, str | None]] = {}
    for deal_id, field, value in rows:
        written.setdefault(deal_id, {})[field] = value
    return written


def _load_pending(tx: Session, deal_ids: Sequence[int]) -> dict[int, dict[str, str | None]]:
    rows = tx.execute(
        select(OutboxRow.deal_id, OutboxRow.payload)
        .where(
            OutboxRow.deal_id.in_(deal_ids),
            OutboxRow.kind == OutboxKind.WRITE_FIELDS,
            OutboxRow.state.in_((OutboxState.READY, OutboxState.WRITING, OutboxState.UNCLEAR, OutboxState.DEAD)),
        )
        .order_by(OutboxRow.id)
    )
    pending: dict[int, dict[str, str | None]] = {}
    for deal_id, payload in rows:
        pending.setdefault(deal_id or 0, {}).update(payload["values"])
    return pending

"""Category, sub-reason and next follow-up on the deal itself, where the account has fields for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import Role
from mappings.model import Classification, LostDeal
from service.store.among import among
from service.store.models import ConnectionRow, FieldWriteRow, OutboxKind, OutboxRow
from service.store.outbox import UNFINISHED, Intent, save_intents


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFacts:
    """A deal, what its loss means, and the day of its next follow-up."""

    deal_row_id: int
    deal: LostDeal
    classification: Classification
    next_on: date | None


def writes_fields(connection: ConnectionRow) -> bool:
    """Whether the account has fields for what we write."""
    return bool(_written_fields(connection))


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
    known = _load_last(tx, ids)
    intents = []
    for one in deals:
        last = known.get(one.deal_row_id, {})
        values = {
            field: value
            for role, field in fields.items()
            if _is_to_write(one.deal, role, field, value := _value(role, one), last.get(field))
        }
        if values:
            seen = {field: _seen(one.deal, field, last.get(field)) for field in values}
            payload = {"deal": one.deal.key.deal_id, "values": values, "seen": seen}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Last:
    """What we last did to a field: `value` was written (or is on its way), after `former` stood there."""

    value: str | None
    former: str | None
    is_undone: bool = False


def _is_to_write(deal: LostDeal, role: Role, field: str, value: str | None, last: _Last | None) -> bool:
    there = deal.outputs.get(field) or None
    if last is not None and not last.is_undone:
        # What the read saw may be older than our last write: only a third value is a person's.
        return value != last.value and there in {last.value, last.former, None}
    if role == Role.NEXT_FOLLOW_UP_OUT and deal.stated_follow_up is not None:
        return False
    return value != (last.value if last is not None and there == value else there)


def _seen(deal: LostDeal, field: str, last: _Last | None) -> str | None:
    return last.value if last is not None else deal.outputs.get(field) or None


def _load_last(tx: Session, deal_ids: Sequence[int]) -> dict[int, dict[str, _Last]]:
    known: dict[int, dict[str, _Last]] = {}
    for row in tx.scalars(select(FieldWriteRow).where(among(FieldWriteRow.deal_id, deal_ids))):
        known.setdefault(row.deal_id, {})[row.field] = _Last(
            value=row.written, former=row.former, is_undone=row.undone_at is not None
        )
    pending = tx.execute(
        select(OutboxRow.deal_id, OutboxRow.payload)
        .where(
            among(OutboxRow.deal_id, deal_ids),
            OutboxRow.kind == OutboxKind.WRITE_FIELDS,
            OutboxRow.state.in_(UNFINISHED),
        )
        .order_by(OutboxRow.id)
    )
    for deal_id, payload in pending:
        for field, value in payload["values"].items():
            known.setdefault(deal_id, {})[field] = _Last(value=value, former=payload["seen"].get(field))
    return known

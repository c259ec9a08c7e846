"""What a fresh read does not show, and what was read before still says: fields that were hidden, words in tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.orm import Session

from connectors.base import DealState as ReadDeal
from connectors.base import Role
from mappings.model import LostDeal, Note, StatedReason
from service.losses.arrivals import was_open_since
from service.store import deals as store
from service.store.codec import from_record
from service.store.models import ConnectionRow, DealState

TASK = "task"
"""The field of a note that a rep wrote into a task of ours."""

Told = TypeVar("Told", bound=Note | StatedReason)


def carry_over(
    tx: Session, connection: ConnectionRow, deals: Sequence[ReadDeal], known: Mapping[str, store.KnownDeal]
) -> list[ReadDeal]:
    """The deals, with what is known of the same loss and was not shown now. A new loss starts without."""
    stored = {
        deal.key.deal_id: one.id
        for deal in deals
        if isinstance(deal, LostDeal)
        and (one := known.get(deal.key.deal_id)) is not None
        and (deal.unread or one.has_told)
        and one.state == DealState.LOST
        and one.is_episode_running
        and not was_open_since(deal, one)
    }
    if not stored:
        return list(deals)
    records = store.records_of(tx, list(stored.values()))
    return [
        _carried(deal, from_record(records[stored[deal.key.deal_id]], LostDeal), connection.fields)
        if isinstance(deal, LostDeal) and deal.key.deal_id in stored
        else deal
        for deal in deals
    ]


def told_notes(deal: LostDeal) -> tuple[Note, ...]:
    """What reps wrote into tasks about this loss."""
    return tuple(note for note in deal.notes if note.field == TASK)


def _carried(deal: LostDeal, before: LostDeal, fields: Mapping[str, Sequence[str]]) -> LostDeal:
    unread = set(deal.unread)
    hidden = {role for role, names in fields.items() if unread.intersection(names)}
    reasons = _together(deal.stated_reasons, before.stated_reasons, unread, fields.get(Role.REASON, ()))
    notes = _together(deal.notes, before.notes, unread, fields.get(Role.NOTES, ()))
    account = deal.account
    if Role.FISCAL_YEAR_START_MONTH in hidden:
        account = replace(
            account,
            fiscal_year_start_month=before.account.fiscal_year_start_month,
            fiscal_year_turn=before.account.fiscal_year_turn,
        )
    return replace(
        deal,
        stated_reasons=tuple(reasons),
        notes=(*notes, *told_notes(before)),
        competitor=before.competitor if Role.COMPETITOR in hidden and not deal.competitor else deal.competitor,
        contract_end=before.contract_end if Role.CONTRACT_END in hidden else deal.contract_end,
        do_not_contact=deal.do_not_contact or (Role.DO_NOT_CONTACT in hidden and before.do_not_contact),
        account=account,
    )


def _together(read: Sequence[Told], before: Sequence[Told], unread: set[str], order: Sequence[str]) -> list[Told]:
    """What was read, and what stood in fields that are hidden now, in the order of the mapping."""
    kept = [one for one in before if one.field in unread]
    if not kept:
        return list(read)
    places = {name: place for place, name in enumerate(order)}
    together: list[Told] = [*read, *kept]
    return sorted(together, key=lambda one: places.get(one.field, len(places)))

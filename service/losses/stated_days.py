"""Telling a person's entry in Next Follow-up from our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from connectors.base import DealState as ReadDeal
from connectors.base import Role
from mappings.model import LostDeal
from mappings.taxonomy import Category
from service.store import deals as store
from service.store.connections import knows_all_of
from service.store.models import ConnectionRow

_OUR_WORDS = frozenset(str(one) for one in Category)


def with_persons_dates(
    tx: Session, connection: ConnectionRow, deals: Sequence[ReadDeal], known: Mapping[str, store.KnownDeal]
) -> list[ReadDeal]:
    """The deals, with the day that a person stated: what stands in the field and is not what we wrote.

    While our own value stands there, the date a person had stated before still counts.
    """
    mapped = connection.fields.get(Role.NEXT_FOLLOW_UP_OUT)
    if not mapped:
        return list(deals)
    ours = store.own_field_values(tx, [one.id for one in known.values()], mapped[0])
    field = mapped[0]
    return [
        _with_day(deal, _stated(connection, deal, field, stored, ours))
        if isinstance(deal, LostDeal) and not _says_nothing(deal, field, stored := known.get(deal.key.deal_id), ours)
        else deal
        for deal in deals
    ]


def _says_nothing(
    deal: LostDeal, field: str, known: store.KnownDeal | None, ours: Mapping[int, set[str | None]]
) -> bool:
    """Whether there is no day in the field, and none of ours that somebody may have taken out: so it is with most."""
    if deal.outputs.get(field) or deal.stated_follow_up is not None:
        return False
    return known is None or (known.id not in ours and field not in deal.unread)


def _with_day(deal: LostDeal, day: date | None) -> LostDeal:
    return deal if deal.stated_follow_up == day else replace(deal, stated_follow_up=day)


def _stated(
    connection: ConnectionRow,
    deal: LostDeal,
    field: str,
    known: store.KnownDeal | None,
    ours: Mapping[int, set[str | None]],
) -> date | None:
    if field in deal.unread and known is not None:
        return known.stated_follow_up
    value = deal.outputs.get(field)
    if known is not None and known.id in ours:
        if value in ours[known.id]:
            return known.stated_follow_up
    elif _is_of_a_forgotten_installation(connection, deal):
        return None
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None  # a text field may hold anything; it states no date


def _is_of_a_forgotten_installation(connection: ConnectionRow, deal: LostDeal) -> bool:
    """We know of nothing that we wrote to this deal, and yet its category is in our words: so is the day beside it.

    A person's day is not lost with it: the task of that time was moved to it, and is adopted where it stands.
    """
    words = {deal.outputs.get(field) for field in connection.fields.get(Role.CATEGORY_OUT, ())}
    return not words.isdisjoint(_OUR_WORDS) and not knows_all_of(connection, deal.lost_on)

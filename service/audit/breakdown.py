"""The losses by owner, competitor, segment and size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.audit import counted
from service.audit.counted import cells, segments
from service.audit.lens import Lens
from service.store.losses import BAND_NAMES
from service.store.models import OwnerRow

MOST_ROWS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Losses that share something: its key for the filter, its name, how many, and the commonest category."""

    key: str
    name: str
    deals: int
    leading: str
    leading_deals: int


def by_owner(tx: Session, lens: Lens) -> list[Group]:
    """By the deal's owner, in alphabetical order: this is no ranking."""
    people = {(row.connection_id, row.owner_id): row.name or row.email for row in tx.scalars(select(OwnerRow))}
    groups = _groups(
        (owner or "", people.get((connection, owner or "")) or owner or "nobody", category, count)
        for connection, owner, category, count in counted.by_owner(tx, lens)
    )
    return sorted(groups, key=lambda group: group.name.casefold())


def by_competitor(tx: Session, lens: Lens) -> list[Group]:
    """By the rival they chose or kept, where one is known."""
    return [group for group in _by(tx, lens, "competitor") if group.key][:MOST_ROWS]


def by_country(tx: Session, lens: Lens) -> list[Group]:
    """By the account's country."""
    return _by(tx, lens, "country")[:MOST_ROWS]


def by_industry(tx: Session, lens: Lens) -> list[Group]:
    """By the account's industry."""
    return _by(tx, lens, "industry")[:MOST_ROWS]


def by_amount(tx: Session, lens: Lens) -> list[Group]:
    """By the deal's size, small to large."""
    groups = _groups((one.band, BAND_NAMES[one.band], one.category, one.deals) for one in cells(tx, lens))
    order = list(BAND_NAMES)
    return sorted(groups, key=lambda group: order.index(group.key))


def _by(tx: Session, lens: Lens, part: str) -> list[Group]:
    found = segments(tx, lens, part)
    groups = _groups((key or "", key or "not known", category, count) for key, category, count in found)
    return sorted(groups, key=lambda group: (-group.deals, group.name))


def _groups(rows: Iterable[tuple[str, str, str, int]]) -> list[Group]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for key, name, category, count in rows:
        counts = found.setdefault((key, name), {})
        counts[category] = counts.get(category, 0) + count
    groups = []
    for (key, name), counts in found.items():
        leading = min(counts, key=lambda category: (-counts[category], category))
        groups.append(
            Group(key=key, name=name, deals=sum(counts.values()), leading=leading, leading_deals=counts[leading])
        )
    return groups

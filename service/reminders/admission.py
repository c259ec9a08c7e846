"""Which deals of a connection may be written to: hold, a pilot's owners and limit, how far back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings.model import LostDeal
from service.reminders.owners import Person, owner_chain
from service.store.bulk import table_of
from service.store.models import ConnectionRow, ConnectionState, OwnerRow, ReminderRow
from service.store.reminders import STANDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The rules in force, and the people they speak of. `room` is what is left of the pilot's limit."""

    is_on_hold: bool
    lost_since: date | None
    owner_ids: frozenset[str] | None
    room: int | None
    people: Mapping[str, Person]

    def rule_for(self, deal: LostDeal, owner_id: str | None, *, is_new: bool) -> str | None:
        """The rule that holds a deal's follow-ups back, or None. `is_new`: none of its follow-ups stands yet."""
        if self.is_on_hold:
            return "hold"
        if self.lost_since is not None and deal.lost_on < self.lost_since:
            return "lost_before"
        if self.owner_ids is not None and owner_id not in self.owner_ids:
            return "other_owner"
        if self.room is not None and self.room <= 0 and is_new:
            return "limit"
        return None

    def owner_id(self, deal: LostDeal, connection: ConnectionRow) -> str | None:
        """Whom the deal's tasks go to."""
        chain = owner_chain(deal, self.people, fallback_id=connection.fallback_owner_id)
        return chain[0] if chain else None


def load_people(tx: Session, connection_id: int) -> dict[str, Person]:
    """The connection's people by their CRM id."""
    owners = table_of(OwnerRow).c
    rows = tx.execute(
        select(owners.owner_id, owners.is_active, owners.manager_id, owners.email, owners.name).where(
            owners.connection_id == connection_id
        )
    )
    return {
        id_: Person(id=id_, is_active=is_active, manager_id=manager_id, email=email, name=name)
        for id_, is_active, manager_id, email, name in rows
    }


def load_admission(tx: Session, connection: ConnectionRow) -> Admission:
    """The rules of a connection as they are now."""
    room = None
    if connection.live_limit is not None:
        standing = select(func.count(func.distinct(ReminderRow.deal_id))).where(
            ReminderRow.connection_id == connection.id, ReminderRow.state.in_(STANDING)
        )
        room = connection.live_limit - (tx.scalar(standing) or 0)
    owners = connection.live_owner_ids
    return Admission(
        is_on_hold=connection.live_since is None or connection.state == ConnectionState.HOLD,
        lost_since=connection.lost_since,
        owner_ids=frozenset(owners) if owners is not None else None,
        room=room,
        people=load_people(tx, connection.id),
    )

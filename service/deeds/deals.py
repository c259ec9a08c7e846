"""Whose deal it is, and so who may see it and act on it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from service.people.roles import Person
from service.store.models import DealRow


class Access(StrEnum):
    """What a person may do with a deal. Hidden ones and those that are not there look the same."""

    HIDDEN = "hidden"
    SEEN = "seen"
    WORKED = "worked"


def access_to(tx: Session, person: Person, deal_row_id: int) -> Access:
    """What this person may do with that deal."""
    found = tx.get(DealRow, deal_row_id)
    if found is None or not person.may_see(found.connection_id, found.owner_id):
        return Access.HIDDEN
    return Access.WORKED if person.may_work(found.connection_id, found.owner_id) else Access.SEEN

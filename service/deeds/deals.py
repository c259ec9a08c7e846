"""Whose deal it is, and so who may see it and act on it; a verdict on several at once."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy.orm import Session

from mappings.taxonomy import Category
from service import debriefs
from service.bootstrap import App
from service.errors import RekindleError
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


def decide_many(
    app: App, ids: Iterable[int], *, category: Category | None, sub_reason: str | None, why: str, who: str
) -> tuple[int, list[str]]:
    """Say what several losses mean, one after another: how many were decided, and why the others were not."""
    done, faults = 0, []
    for deal_row_id in ids:
        try:
            debriefs.override(app, deal_row_id, category=category, sub_reason=sub_reason, why=why, who=who)
        except RekindleError as error:
            faults.append(str(error))
        else:
            done += 1
    return done, list(dict.fromkeys(faults))

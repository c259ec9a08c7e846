"""Whom a task goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.model import LostDeal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the CRM, as last described."""

    id: str
    is_active: bool = True
    manager_id: str | None = None
    email: str = ""
    name: str = ""


def owner_chain(deal: LostDeal, people: Mapping[str, Person], *, fallback_id: str | None) -> tuple[str, ...]:
    """Who may get the task, in order: the deal's owner, the account's, the inactive owner's manager, the fallback.

    Inactive people are left out; a person the CRM did not describe counts as active, until it refuses them.
    """
    owner = people.get(deal.owner_id or "")
    manager_id = owner.manager_id if owner is not None and not owner.is_active else None
    wanted = (deal.owner_id, deal.account_owner_id, manager_id, fallback_id)
    return tuple(dict.fromkeys(id_ for id_ in wanted if id_ and _is_active(id_, people)))


def _is_active(owner_id: str, people: Mapping[str, Person]) -> bool:
    person = people.get(owner_id)
    return person is None or person.is_active

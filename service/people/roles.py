"""Roles, what each may do, and the scopes of an API token. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is here."""

    ADMIN = "admin"
    MANAGER = "manager"
    REP = "rep"
    VIEWER = "viewer"


class Right(StrEnum):
    """One thing that can be allowed. `SEE_OWN`, `WORK_OWN`: the deals whose CRM owner one is; `ALL`: every deal."""

    SEE_OWN = "see_own"
    SEE_ALL = "see_all"
    WORK_OWN = "work_own"
    WORK_ALL = "work_all"
    EDIT_MAPPINGS = "edit_mappings"
    RUN_CONNECTIONS = "run_connections"
    MANAGE_PEOPLE = "manage_people"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.MANAGER: frozenset({Right.SEE_OWN, Right.SEE_ALL, Right.WORK_OWN, Right.WORK_ALL}),
    Role.REP: frozenset({Right.SEE_OWN, Right.WORK_OWN}),
    Role.VIEWER: frozenset({Right.SEE_OWN, Right.SEE_ALL}),
}
"""A rep sees and works their own deals and debriefs, a manager the team's, a viewer sees all and changes nothing."""


class Scope(StrEnum):
    """What an API token is given for."""

    READ = "read"
    REMINDERS = "reminders"
    MAPPINGS = "mappings"
    CONNECTIONS = "connections"
    PEOPLE = "people"


SCOPE_RIGHTS: dict[Scope, frozenset[Right]] = {
    Scope.READ: frozenset({Right.SEE_OWN, Right.SEE_ALL}),
    Scope.REMINDERS: frozenset({Right.SEE_OWN, Right.SEE_ALL, Right.WORK_OWN, Right.WORK_ALL}),
    Scope.MAPPINGS: frozenset({Right.SEE_OWN, Right.SEE_ALL, Right.EDIT_MAPPINGS}),
    Scope.CONNECTIONS: frozenset({Right.SEE_OWN, Right.SEE_ALL, Right.RUN_CONNECTIONS}),
    Scope.PEOPLE: frozenset({Right.MANAGE_PEOPLE}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is asking, and what they may do: by their role, and for a token by its scopes too.

    `owner_ids` are the CRM owners they are: {connection id: owner id}.
    """

    user_id: int
    email: str
    name: str
    role: Role
    rights: frozenset[Right]
    owner_ids: dict[int, str]
    zone: str = ""
    locale: str = ""

    def may(self, right: Right) -> bool:
        """Whether they may do that."""
        return right in self.rights

    def owns(self, connection_id: int, owner_id: str | None) -> bool:
        """Whether a deal of that CRM owner is their own."""
        return owner_id is not None and self.owner_ids.get(connection_id) == owner_id

    def may_see(self, connection_id: int, owner_id: str | None) -> bool:
        """Whether they may see a deal of that CRM owner."""
        return self.may(Right.SEE_ALL) or (self.may(Right.SEE_OWN) and self.owns(connection_id, owner_id))

    def may_work(self, connection_id: int, owner_id: str | None) -> bool:
        """Whether they may act on a deal of that CRM owner."""
        return self.may(Right.WORK_ALL) or (self.may(Right.WORK_OWN) and self.owns(connection_id, owner_id))


def rights_of(role: Role, scopes: Iterable[Scope] | None = None) -> frozenset[Right]:
    """What a role allows; with scopes (a token's), only what they allow too."""
    if scopes is None:
        return RIGHTS[role]
    allowed: frozenset[Right] = frozenset().union(*(SCOPE_RIGHTS[scope] for scope in scopes))
    return RIGHTS[role] & allowed

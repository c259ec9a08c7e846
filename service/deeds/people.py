"""Who may use the product: people added and changed, their codes and tokens. Each deed leaves its line in the log."""

from __future__ import annotations

from collections.abc import Sequence

from service.bootstrap import App
from service.errors import UsageFault
from service.people import sessions, users
from service.people.roles import Role, Scope
from service.store import people as stored
from service.store.connections import connection_named, owners_of
from service.store.models import ApiTokenRow, UserRow


def add_person(app: App, *, email: str, name: str, role: Role, who: str) -> tuple[UserRow, str]:
    """Add a person; them, and the code with which they set a password. Raises UsageFault."""
    with app.store.begin() as tx:
        user = users.add_user(tx, email=email, name=name, role=role, who=who, now=app.now())
        return user, users.invite(tx, user, who=who, now=app.now())


def invite_again(app: App, email: str, *, who: str) -> tuple[UserRow, str]:
    """A new code for a person. Raises NothingSuch."""
    with app.store.begin() as tx:
        user = users.find_user(tx, email)
        return user, users.invite(tx, user, who=who, now=app.now())


def change_person(
    app: App, email: str, *, role: Role | None = None, is_active: bool | None = None, who: str
) -> UserRow:
    """Give another role, switch off or on, all or nothing. Raises NothingSuch; UsageFault where no admin were left."""
    with app.store.begin() as tx:
        user = users.find_user(tx, email)
        if role is not None:
            users.change_role(tx, user, role, who=who, now=app.now())
        if is_active is not None and is_active != user.is_active:
            switch = users.switch_on if is_active else users.switch_off
            switch(tx, user, who=who, now=app.now())
    return user


def make_token(
    app: App, email: str, *, name: str, scopes: Sequence[Scope], days: int | None = None, who: str
) -> tuple[UserRow, str]:
    """A new bearer token of a person; it is shown this once. Raises UsageFault."""
    with app.store.begin() as tx:
        user = users.find_user(tx, email)
        return user, sessions.make_api_token(
            tx, user, name=name, scopes=list(scopes), who=who, now=app.now(), days=days
        )


def revoke_token(app: App, token_id: int, *, who: str) -> ApiTokenRow:
    """Refuse a token from now on. Raises NothingSuch."""
    with app.store.begin() as tx:
        row = stored.api_token(tx, token_id)
        sessions.revoke_api_token(tx, row, who=who, now=app.now())
    return row


def be_owner(app: App, email: str, connection: str, owner_id: str | None, *, who: str) -> dict[int, str]:
    """Say which CRM owner a person is on a connection; None: as their e-mail address says. Who they are then."""
    with app.store.begin() as tx:
        user, row = users.find_user(tx, email), connection_named(tx, connection)
        if owner_id is not None and owner_id not in owners_of(tx, row.id):
            raise UsageFault(
                f"{connection} has no user {owner_id!r}.", remedy="Take an id from the connection's owners."
            )
        stored.choose_owner(tx, user_id=user.id, connection_id=row.id, owner_id=owner_id)
        says = f"{connection}: {owner_id or 'by e-mail address'}"
        stored.record_action(tx, who=who, what="owner chosen", subject=user.email, says=says, now=app.now())
        tx.flush()
        return stored.owner_ids_of(tx, user)

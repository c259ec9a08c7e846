"""The calls about people, their tokens, and the log of who did what. The scope `people` can make admins."""

from __future__ import annotations

from typing import Any

from service.api import people_schemas as schemas
from service.api.audit_schemas import OwnedPart
from service.api.routes import PEOPLE, Routes
from service.api.schemas import LARGEST_ID
from service.api.who import person, product
from service.deeds import people as deeds
from service.errors import NothingSuch
from service.people.roles import Role, Scope
from service.people.users import find_user
from service.store.connections import all_connections
from service.store.models import UserRow
from service.store.people import all_users, api_tokens, find_actions, kinds_of_actions, owner_ids_of

calls = Routes("people", "People, their tokens, and who did what.")


@calls.call("GET", "/people", PEOPLE, gives=schemas.PersonPart(many=True))
def everybody() -> Any:
    """Everybody."""
    with product().store.read() as tx:
        return all_users(tx)


@calls.call("POST", "/people", PEOPLE, takes=schemas.NewPersonBody, gives=schemas.InvitedPart, status=201)
def add(body: dict[str, Any]) -> Any:
    """Add a person; the code sets their password, once, within three days."""
    user, code = deeds.add_person(
        product(), email=body["email"], name=body["name"], role=Role(body["role"]), who=person().email
    )
    return _invited(user, code)


@calls.call("GET", "/people/<email>", PEOPLE, gives=schemas.PersonPart, also=(404,))
def one(email: str) -> Any:
    """One person."""
    with product().store.read() as tx:
        return find_user(tx, email)


@calls.call("PATCH", "/people/<email>", PEOPLE, takes=schemas.PersonBody, gives=schemas.PersonPart, also=(404,))
def change(body: dict[str, Any], email: str) -> Any:
    """Give another role, or let in no more and again; refused where no admin would be left."""
    role = Role(body["role"]) if body["role"] else None
    return deeds.change_person(product(), email, role=role, is_active=body["is_active"], who=person().email)


@calls.call("POST", "/people/<email>/invitation", PEOPLE, gives=schemas.InvitedPart, status=201, also=(404,))
def invite(email: str) -> Any:
    """A new one-time code with which they set a password."""
    user, code = deeds.invite_again(product(), email, who=person().email)
    return _invited(user, code)


@calls.call("GET", "/people/<email>/owners", PEOPLE, gives=OwnedPart(many=True), also=(404,))
def owners(email: str) -> Any:
    """Which CRM owners they are: as was said, else by their e-mail address."""
    with product().store.read() as tx:
        return _owned(all_connections(tx), owner_ids_of(tx, find_user(tx, email)))


@calls.call(
    "PUT", "/people/<email>/owners/<connection>", PEOPLE, takes=schemas.OwnerBody, gives=OwnedPart(many=True),
    also=(404,), is_body_required=False,
)  # fmt: skip
def be_owner(body: dict[str, Any], email: str, connection: str) -> Any:
    """Say which owner of a connection they are."""
    app = product()
    now = deeds.be_owner(app, email, connection, body["owner_id"], who=person().email)
    with app.store.read() as tx:
        return _owned(all_connections(tx), now)


@calls.call("GET", "/tokens", PEOPLE, gives=schemas.TokenPart(many=True))
def tokens() -> Any:
    """The tokens that are not revoked, the newest first."""
    names = ("id", "name", "scopes", "created_at", "expires_at", "used_at")
    with product().store.read() as tx:
        return [{**{name: getattr(row, name) for name in names}, "email": user.email} for row, user in api_tokens(tx)]


@calls.call("POST", "/tokens", PEOPLE, takes=schemas.NewTokenBody, gives=schemas.MadeTokenPart, status=201, also=(404,))
def make_token(body: dict[str, Any]) -> Any:
    """A new token of a person's, shown this once."""
    scopes = [Scope(one) for one in body["scopes"]]
    user, token = deeds.make_token(
        product(), body["email"], name=body["name"], scopes=scopes, days=body["days"], who=person().email
    )
    return {"email": user.email, "token": token}


@calls.call("DELETE", "/tokens/<int:token_id>", PEOPLE, status=204, also=(404,))
def revoke(token_id: int) -> Any:
    """Refuse a token from now on. Repeating it changes nothing."""
    if token_id > LARGEST_ID:
        raise NothingSuch("There is no such token.")
    deeds.revoke_token(product(), token_id, who=person().email)
    return ""


@calls.call("GET", "/actions", PEOPLE, query=schemas.ActionsQuery, gives=schemas.ActionsPart)
def log(query: dict[str, Any]) -> Any:
    """The audit log: who did what, the newest first."""
    with product().store.read() as tx:
        rows = find_actions(tx, before_id=query.pop("before"), **query)
    return {"actions": rows, "next": rows[-1].id if len(rows) == query["limit"] else None}


@calls.call("GET", "/actions/kinds", PEOPLE, gives=schemas.ActionKindsPart)
def kinds() -> Any:
    """Who stands in the audit log, and what they did: to filter by."""
    with product().store.read() as tx:
        who, what = kinds_of_actions(tx)
    return {"who": who, "what": what}


def _invited(user: UserRow, code: str) -> dict[str, Any]:
    told = {name: getattr(user, name) for name in schemas.PersonPart().fields}
    return {**told, "code": code}


def _owned(rows: Any, owned: dict[int, str]) -> list[dict[str, Any]]:
    return [{"connection": row.name, "owner_id": owned[row.id]} for row in rows if row.id in owned]

"""Connecting a CRM account: try it, describe it, choose the fields, and keep it, or change nothing at all."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import AuthMethod, Connector, Description, FieldMap, Role
from connectors.base import Settings as ConnectorSettings
from connectors.errors import Rejected
from connectors.fields import SEVERAL, missing_fields, propose_fields
from connectors.registry import connector_spec
from service.bootstrap import App
from service.connections.describe import keep_description
from service.connections.scopes import refuse_published
from service.connections.webhook_keys import keep_webhook_keys
from service.errors import UsageFault
from service.store.connections import CREDENTIALS, WRITING, connection_of_account, read_anew
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, ConnectionState
from service.store.tokens import UnkeptTokens

LONGEST_NAME = 60
FORBIDDEN = frozenset("/\\?#%=\"'<>")


WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 -- the name of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asks for when connecting. None leaves a setting as it is, or at its default.

    `only_public`: a user of the app names the address, not the operator; it must never lead inside.
    """

    crm: str
    name: str
    url: str | None = None
    auth: str
    credentials: Mapping[str, str]
    fields: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    scope: Mapping[str, Any] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    is_live: bool = False
    one_task_per_account: bool | None = None
    account_sense: bool | None = None
    notes: str | None = None
    only_public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What connecting came to: the fields in use, those found by description, and warnings."""

    connection: ConnectionRow
    description: Description
    found_fields: FieldMap
    warnings: tuple[str, ...]
    is_new: bool


def connect(app: App, wanted: Wanted) -> Connected:
    """Connect an account, or enter new credentials for a connection that exists and keep all else.

    Raises UsageFault for what the person can correct, ConnectorError for what the CRM says. Nothing is kept then.
    """
    spec = connector_spec(wanted.crm)
    _check_name(wanted.name)
    with app.store.read() as tx:
        existing = _by_name(tx, wanted.name)
    if existing is not None and existing.crm != wanted.crm:
        raise UsageFault(f"{wanted.name} is a {existing.crm} connection.", remedy="Choose another name.")
    url = _url(wanted, existing, spec.default_url)
    settings = ConnectorSettings(
        name=wanted.name,
        url=url,
        known_as=existing.account_id if existing else None,
        options={**(existing.options if existing else {}), **wanted.options},
    )
    tokens = UnkeptTokens()
    description = _opened(app, wanted, settings, tokens).describe()
    proposed = propose_fields(description.fields, spec.likely_fields)
    fields = _choose_fields(wanted, existing, description, proposed)
    with app.store.begin() as tx:
        _refuse_second(tx, wanted, description)
        row = _keep(tx, app, wanted, existing, url, fields, description)
        token = tokens.load()
        row.token = app.keyring.encrypt(token) if token else None
        tx.flush()
        warnings = keep_description(tx, row, description)
        tx.refresh(row)
    found = {role: names for role, names in proposed.items() if role not in wanted.fields and role in fields}
    return Connected(
        connection=row, description=description, found_fields=found, warnings=tuple(warnings), is_new=existing is None
    )


def _check_name(name: str) -> None:
    """Refuse what could stand in no address and in no command: the name is part of both."""
    if not name or len(name) > LONGEST_NAME or name != name.strip() or name[0] == "-" or set(name) & FORBIDDEN:
        raise UsageFault(
            f"{name!r} cannot be the name of a connection.",
            remedy=f"Take up to {LONGEST_NAME} letters, digits, dots, dashes and underscores.",
        )
    if not name.isprintable():
        raise UsageFault("The name of the connection holds characters that do not show.", remedy="Type it again.")


def _opened(app: App, wanted: Wanted, settings: ConnectorSettings, tokens: UnkeptTokens) -> Connector:
    """The connector to try. What it refuses before anything is sent, such as an http address, a person can correct."""
    try:
        return app.try_connector(wanted.crm, settings, wanted.credentials, tokens, only_public=wanted.only_public)
    except Rejected as error:
        raise UsageFault(error.what, remedy=error.remedy) from error


def auth_method(crm: str, given: Mapping[str, str], *, spelt: Mapping[str, str] | None = None) -> AuthMethod:
    """The way to authenticate that the given credentials fit. Raises UsageFault listing what each way needs.

    `spelt` says how the person enters each credential, such as `--client-id`.
    """
    words = spelt or {}
    spec = connector_spec(crm)
    for method in spec.auth:
        if set(method.needs) == set(given):
            return method
    ways = ", or ".join(" with ".join(words.get(name, name) for name in method.needs) for method in spec.auth)
    got = ", ".join(words.get(name, name) for name in given)
    says = (
        f"{got} is no complete way to sign in to {spec.label}."
        if got
        else f"No way to sign in to {spec.label} is given."
    )
    raise UsageFault(says, remedy=f"Give {ways}.")


def _by_name(tx: Session, name: str) -> ConnectionRow | None:
    return tx.scalar(select(ConnectionRow).where(ConnectionRow.name == name))


def _url(wanted: Wanted, existing: ConnectionRow | None, default: str | None) -> str:
    url = wanted.url or (existing.url if existing else None) or default
    if not url:
        raise UsageFault(f"{wanted.name}: the address of the account is missing.", remedy="Give --instance-url.")
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        is_address = False
    if not is_address:
        raise UsageFault(f"{url!r} is no web address.", remedy="It starts with https:// and names a server.")
    return url


def _choose_fields(
    wanted: Wanted, existing: ConnectionRow | None, description: Description, proposed: FieldMap
) -> dict[str, list[str]]:
    """The mapping in force: what was asked for, else what was kept, else what was found."""
    missing = missing_fields(wanted.fields, description.fields)
    if missing and description.fields:
        raise UsageFault("\n".join(_missing_line(role, name, description) for role, name in missing))
    for role, names in wanted.fields.items():
        if len(names) > 1 and role not in SEVERAL:
            raise UsageFault(f"--field {role} was given {len(names)} times.", remedy="Only reason and notes may be.")
    kept = {Role(role): tuple(names) for role, names in existing.fields.items()} if existing else {}
    chosen = {**proposed, **kept, **wanted.fields}
    return {str(role): list(names) for role, names in chosen.items()}


def _missing_line(role: Role, name: str, description: Description) -> str:
    names = [one.name for one in description.fields]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else " `rekindle doctor` lists what is there."
    return f"--field {role}={name}: this account has no such field, or hides it from this user.{hint}"


def _refuse_second(tx: Session, wanted: Wanted, description: Description) -> None:
    """One connection per CRM account, and one CRM account per connection."""
    others = [connection_of_account(tx, wanted.crm, one) for one in (description.account_id, *description.other_ids)]
    other = next((one for one in others if one is not None and one.name != wanted.name), None)
    if other is not None:
        raise UsageFault(
            f"This account ({description.account_id}) is connected already, as {other.name}.",
            remedy=f"Use {other.name}, or remove it first.",
        )
    same_name = _by_name(tx, wanted.name)
    if same_name is not None and same_name.account_id != description.account_id:
        raise UsageFault(
            f"{wanted.name} is connected to account {same_name.account_id}; these credentials open "
            f"{description.account_id}.",
            remedy="Give the other account a name of its own.",
        )


def _keep(
    tx: Session,
    app: App,
    wanted: Wanted,
    existing: ConnectionRow | None,
    url: str,
    fields: dict[str, list[str]],
    description: Description,
) -> ConnectionRow:
    row = tx.get(ConnectionRow, existing.id) if existing else None
    if row is None:
        row = _new_row(tx, app, wanted, description.account_id)
    former, read_as = row.state, _read_as(row)
    if existing is None or wanted.url is not None:
        row.only_public = wanted.only_public
    row.url, row.auth, row.fields = url, wanted.auth, fields
    row.credentials, row.token = app.keyring.encrypt(_with_kept_secret(app, row, wanted.credentials)), None
    keep_webhook_keys(row, app.keyring)
    row.options = {**row.options, **wanted.options}
    _set_given(row, wanted)
    if existing is not None and _read_as(row) != read_as:
        read_anew(tx, row.id)
    if row.state == ConnectionState.RECONNECT:
        row.state = row.state_before_reconnect or ConnectionState.HOLD
    row.write_stops = None
    row.health = [one for one in row.health if one["check"] not in (CREDENTIALS, WRITING)]
    tx.add(row)
    tx.flush()
    why = "Connected." if existing is None else "Credentials were entered again."
    event = Event(
        entity="connection", entity_id=row.id, from_state=former if existing else None, to_state=row.state, why=why
    )
    save_events(tx, row.id, [event], who="admin", now=app.now())
    return row


def _new_row(tx: Session, app: App, wanted: Wanted, account_id: str) -> ConnectionRow:
    return ConnectionRow(
        name=wanted.name,
        crm=wanted.crm,
        account_id=account_id,
        state=ConnectionState.LIVE if wanted.is_live else ConnectionState.HOLD,
        live_since=app.now() if wanted.is_live else None,
        scope={},
        published_scope=app.rules(tx).mapping_set.scope_of(wanted.name),
        options={},
        described={},
        health=[],
        created_at=app.now(),
    )


def _read_as(row: ConnectionRow) -> tuple[Any, ...]:
    """What a deal that has not changed in the CRM would be read as differently."""
    return row.fields, row.scope, row.notes


def _with_kept_secret(app: App, row: ConnectionRow, given: Mapping[str, str]) -> Mapping[str, str]:
    """The credentials, with the webhook secret entered before where none is entered now."""
    former = app.keyring.decrypt(row.credentials) if row.credentials else {}
    kept = {WEBHOOK_SECRET: former[WEBHOOK_SECRET]} if WEBHOOK_SECRET in former else {}
    return {**kept, **given}


def _set_given(row: ConnectionRow, wanted: Wanted) -> None:
    """Settings that were named; the others keep what they have."""
    if wanted.scope is not None:
        refuse_published(row, wanted.scope)
        row.scope = dict(wanted.scope)
    if wanted.one_task_per_account is not None:
        row.one_task_per_account = wanted.one_task_per_account
    if wanted.account_sense is not None:
        row.account_sense = wanted.account_sense
    if wanted.notes is not None:
        row.notes = wanted.notes

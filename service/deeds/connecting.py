"""Connecting an account, choosing what is read of it, its settings, and taking it away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.base import AuthMethod, Description, FieldMap
from connectors.registry import connector_specs
from service.bootstrap import App
from service.connections.choose import choose_fields
from service.connections.connect import WEBHOOK_SECRET, Connected, Wanted, auth_method, connect
from service.connections.settings import remove_connection, set_setting
from service.errors import NothingSuch, UsageFault
from service.security.addresses import refuse_private
from service.store.connections import connection_named
from service.store.models import ConnectionRow
from service.store.people import record_action
from service.store.reminders import lock_connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as a person names it; `credentials` by their names, `webhook_secret` besides where it has one."""

    crm: str
    name: str
    url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    webhook_secret: str = ""


def connect_account(app: App, account: Account, *, who: str) -> tuple[Connected, AuthMethod]:
    """Connect it, or renew the credentials of the connection of that name. Raises RekindleError, ConnectorError."""
    spec = connector_specs().get(account.crm)
    if spec is None:
        there = ", ".join(connector_specs())
        raise NothingSuch(f"No CRM is called {account.crm!r}.", remedy=f"There are: {there}.")
    method = auth_method(
        account.crm, account.credentials, spelt={one: one.replace("_", " ") for way in spec.auth for one in way.needs}
    )
    if not account.url and spec.default_url is None:
        raise UsageFault("The address of the account is missing.", remedy="It begins with https://.")
    if account.url:
        refuse_private(account.url, is_allowed=app.settings.allow_private_addresses)
    credentials = {**account.credentials}
    if account.webhook_secret:
        credentials[WEBHOOK_SECRET] = account.webhook_secret
    wanted = Wanted(
        crm=account.crm, name=account.name, url=account.url or None, auth=method.key, credentials=credentials
    )
    done = connect(app, wanted)
    with app.store.begin() as tx:
        record_action(tx, who=who, what="connected", subject=account.name, says=method.label, now=app.now())
    return done, method


def choose(app: App, name: str, fields: FieldMap, scope: Mapping[str, Any], *, found: Description, who: str) -> bool:
    """Read these fields in this scope from now on; whether that changed anything. Raises UsageFault."""
    with app.store.begin() as tx:
        is_changed = choose_fields(tx, connection_named(tx, name), fields, scope, found)
        if is_changed:
            record_action(tx, who=who, what="fields chosen", subject=name, now=app.now())
    return is_changed


def change_settings(app: App, name: str, values: Mapping[str, str], *, who: str) -> ConnectionRow:
    """Set these settings, all or none; the connection then. Raises UsageFault."""
    with app.store.begin() as tx:
        row = lock_connection(tx, connection_named(tx, name).id)
        for key, value in values.items():
            set_setting(tx, row, key, value, keyring=app.keyring)
        names = ", ".join(sorted(values))
        record_action(tx, who=who, what="settings changed", subject=name, says=names[:200], now=app.now())
        tx.flush()
    return row


def remove(app: App, name: str, *, who: str) -> None:
    """Forget a connection and everything stored of it. Raises UsageFault while tasks of ours stand in its CRM."""
    with app.store.begin() as tx:
        row = lock_connection(tx, connection_named(tx, name).id)
        remove_connection(tx, row)
        record_action(tx, who=who, what="connection removed", subject=name, now=app.now())

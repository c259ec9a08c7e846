"""Connecting an account, choosing what is read of it, its settings, and taking it away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from connectors.base import AuthMethod, Description, FieldMap
from connectors.errors import ConnectorError
from connectors.registry import connector_specs
from service import operations
from service.bootstrap import App
from service.connections.choose import choose_fields
from service.connections.connect import WEBHOOK_SECRET, Connected, Wanted, auth_method, connect
from service.connections.leaving import BATCH, finish_leaving, what_is_stored
from service.connections.settings import SLACK, set_setting
from service.errors import EditedMeanwhileError, NothingSuch, UsageFault
from service.jobs.asked import Asking
from service.security.addresses import refuse_private
from service.store.codec import to_json
from service.store.connections import connection_named
from service.store.models import ConnectionRow
from service.store.people import record_action
from service.store.reminders import lock_connection

_EDITABLE = (
    "fields", "scope", "options", "notes", "retention_days", "one_task_per_account", "account_sense",
    "write_ahead_days", "fallback_owner_id", "sync_every_minutes", "morning_hour", "digest", "digest_hour", "slack",
    "escalate_after_days",
)  # fmt: skip


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
        crm=account.crm,
        name=account.name,
        url=account.url or None,
        auth=method.key,
        credentials=credentials,
        only_public=True,
    )
    done = connect(app, wanted)
    with app.store.begin() as tx:
        record_action(tx, who=who, what="connected", subject=account.name, says=method.label, now=app.now())
    return done, method


def edition_of(row: ConnectionRow) -> str:
    """What stands for all that people can edit of a connection: it changes when that does."""
    kept = [getattr(row, name) for name in _EDITABLE]
    return sha256(to_json(kept).encode()).hexdigest()[:16]


def choose(
    app: App,
    name: str,
    fields: FieldMap,
    scope: Mapping[str, Any],
    *,
    found: Description,
    who: str,
    edition: str | None = None,
) -> bool:
    """Read these fields in this scope from now on; whether that changed anything.

    Raises UsageFault; EditedMeanwhileError where `edition` was seen and is not what there is.
    """
    with app.store.begin() as tx:
        row = _held(tx, name, edition)
        is_changed = choose_fields(tx, row, fields, scope, found)
        if is_changed:
            record_action(tx, who=who, what="fields chosen", subject=name, now=app.now())
    return is_changed


def change_settings(
    app: App, name: str, values: Mapping[str, str], *, who: str, edition: str | None = None
) -> ConnectionRow:
    """Set these settings, all or none; the connection then. Raises as `choose` does."""
    with app.store.begin() as tx:
        row = _held(tx, name, edition)
        for key, value in values.items():
            set_setting(tx, row, key, value, keyring=app.keyring)
        if row.digest == "slack" and not row.slack:
            raise UsageFault("Slack needs an incoming webhook.", remedy="Give slack_url, or send by e-mail.")
        if row.credentials and connector_specs()[row.crm].options.keys() & set(values):
            _try(app, row)
        says = ", ".join(key if key == SLACK else f"{key}={value}" for key, value in values.items())
        record_action(tx, who=who, what="settings changed", subject=name, says=says[:500], now=app.now())
        tx.flush()
    return row


def _try(app: App, row: ConnectionRow) -> None:
    """Refuse what the connector cannot be opened with; it asks the CRM nothing yet."""
    try:
        app.connector(row)
    except ConnectorError as error:
        raise UsageFault(error.what, remedy=error.remedy or "Correct it, or leave it empty.") from error


def _held(tx: Session, name: str, edition: str | None) -> ConnectionRow:
    row = lock_connection(tx, connection_named(tx, name).id)
    if edition is not None and edition != edition_of(row):
        raise EditedMeanwhileError(
            f"Somebody changed {name} meanwhile.", remedy="Read it again and repeat your change on it."
        )
    return row


def remove(app: App, name: str, *, asking: Asking, who: str) -> int:
    """Forget a connection and everything stored of it; how many deals are still being deleted.

    Raises UsageFault while tasks of ours stand in its CRM.
    """
    left = operations.remove(app, name)
    with app.store.begin() as tx:
        record_action(tx, who=who, what="connection removed", subject=name, now=app.now())
    return _delete(app, left, asking)


def leave(app: App, name: str, *, asking: Asking, who: str) -> int:
    """The same, leaving its open tasks in the CRM as plain tasks."""
    with app.store.read() as tx:
        tasks = what_is_stored(tx, connection_named(tx, name).id).tasks
    left = operations.leave(app, name)
    says = f"{tasks} open tasks left in the CRM"
    with app.store.begin() as tx:
        record_action(tx, who=who, what="connection removed", subject=name, says=says, now=app.now())
    return _delete(app, left, asking)


def _delete(app: App, left: int, asking: Asking) -> int:
    """A few deals at once, many while nobody waits: a thread that dies leaves them to the next sweep."""
    if left <= BATCH:
        finish_leaving(app.store)
        return 0
    asking.background(lambda: finish_leaving(app.store))
    return left

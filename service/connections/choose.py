"""Choosing what is read of a connected account: its fields by role, and the scope, with samples to judge by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from connectors.base import Connector, Description, FieldMap, Watermark
from connectors.errors import ConnectorError
from connectors.fields import SEVERAL, missing_fields, propose_fields
from connectors.registry import connector_spec
from mappings.model import LostDeal
from service.bootstrap import App
from service.connections.describe import keep_description
from service.connections.scopes import refuse_published
from service.errors import UsageFault
from service.store.connections import connection_named, read_anew
from service.store.models import ConnectionRow
from service.store.reminders import lock_connection

SAMPLES, LONGEST_SAMPLE = 3, 60
SAMPLED_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An account as it is described now: what its fields are, which seem likely, and values of some of them."""

    description: Description
    likely: FieldMap
    samples: Mapping[str, tuple[str, ...]]


def look_at(app: App, name: str) -> Look:
    """Describe the account and read a page of deals for samples; the description is kept. Raises ConnectorError."""
    row, connector, found = _described(app, name)
    likely = propose_fields(found.fields, connector_spec(row.crm).likely_fields)
    listed = {one.name: _shortened([label for _, label in one.values]) for one in found.fields if one.values}
    return Look(description=found, likely=likely, samples={**listed, **_said(connector, app)})


def describe_now(app: App, name: str) -> Description:
    """What the account is now, kept with the connection. Raises ConnectorError."""
    return _described(app, name)[2]


def _described(app: App, name: str) -> tuple[ConnectionRow, Connector, Description]:
    with app.store.read() as tx:
        row = connection_named(tx, name)
    connector = app.connector_for_page(row)
    found = connector.describe()
    with app.store.begin() as tx:
        keep_description(tx, connection_named(tx, name), found)
    return row, connector, found


def choose_fields(
    tx: Session, row: ConnectionRow, fields: FieldMap, scope: Mapping[str, Any], found: Description
) -> bool:
    """Read these fields in this scope from now on; whether that changed anything. Raises UsageFault."""
    if missing := missing_fields(fields, found.fields):
        role, name = missing[0]
        raise UsageFault(
            f"{name} ({role}): this account has no such field, or hides it from this user.",
            remedy="Choose one of the list.",
        )
    for role, names in fields.items():
        if len(names) > 1 and role not in SEVERAL:
            raise UsageFault(f"{role} takes one field.", remedy="Only reason and notes may have several.")
    held = lock_connection(tx, row.id)
    chosen = {str(role): list(names) for role, names in fields.items() if names}
    if (held.fields, held.scope_in_force) == (chosen, dict(scope)):
        return False
    refuse_published(held, scope)
    held.fields = chosen
    if held.published_scope is None:
        held.scope = dict(scope)
    read_anew(tx, held.id)
    tx.flush()
    return True


def _said(connector: Connector, app: App) -> dict[str, tuple[str, ...]]:
    """What lost deals of the last year hold in the fields that are read now. Samples are a courtesy."""
    since = Watermark(stamp=app.now() - timedelta(days=SAMPLED_DAYS), id="")
    try:
        page = next(connector.changed_deals(since), None)
    except ConnectorError:
        return {}
    said: dict[str, list[str]] = {}
    for deal in page.deals if page else ():
        if isinstance(deal, LostDeal):
            for reason in deal.stated_reasons:
                said.setdefault(reason.field, []).append(reason.words)
            for note in deal.notes:
                said.setdefault(note.field, []).append(note.text)
    return {name: _shortened(texts) for name, texts in said.items()}


def _shortened(texts: Sequence[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))[:SAMPLES]
    return tuple(text if len(text) <= LONGEST_SAMPLE else f"{text[: LONGEST_SAMPLE - 1]}…" for text in distinct)

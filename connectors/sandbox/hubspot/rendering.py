"""A record as JSON, as each endpoint shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.links import LISTED_NAMES
from connectors.sandbox.hubspot.records import Change, Record
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import iso

_MOST_LISTED = 100  # associations of one type shown with a record; the rest is behind paging.next


def shown_properties(state: State, kind: ObjectType, asked: Iterable[str]) -> tuple[str, ...]:
    """Names to show: what was asked for and exists, else the defaults; and always id and dates."""
    known = state.properties[kind.name]
    named = list(asked)
    chosen = [name for name in named if name in known] if named else list(kind.defaults)
    return tuple(dict.fromkeys((*chosen, *kind.always)))


def render(
    state: State,
    kind: ObjectType,
    record: Record,
    names: tuple[str, ...],
    *,
    histories: Sequence[str] = (),
    associations: Sequence[ObjectType] = (),
    as_indexed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A record with the named properties, null where it has no value; or as the search index still knows it."""
    values = record.properties if as_indexed is None else as_indexed
    body: dict[str, Any] = {
        "id": str(record.id),
        "properties": {name: values.get(name) for name in names},
        "createdAt": iso(record.created_ms),
        "updatedAt": values[kind.modified],
        "archived": record.archived_ms is not None,
    }
    if record.archived_ms is not None:
        body["archivedAt"] = iso(record.archived_ms)
    if histories:
        body["propertiesWithHistory"] = {name: _history(record, name) for name in histories}
    linked = {other.name: _listed(state, kind, record, other) for other in associations}
    if any(linked.values()):
        body["associations"] = {name: found for name, found in linked.items() if found}
    return body


Form = tuple[tuple[str, ...], tuple[ObjectType, ...], int]


def form_of(state: State, names: tuple[str, ...], associations: tuple[ObjectType, ...] = ()) -> Form:
    """How records are to be shown; a new one after each change of an association that is part of it."""
    return names, associations, state.links.revision if associations else 0


def fragments(state: State, kind: ObjectType, records: Iterable[Record], form: Form) -> list[orjson.Fragment]:
    """Records as bytes, kept until they change: lists and searches repeat themselves."""
    return [orjson.Fragment(_rendered(state, kind, record, form)) for record in records]


def _rendered(state: State, kind: ObjectType, record: Record, form: Form) -> bytes:
    if record.rendered_form != form:
        record.rendered = orjson.dumps(render(state, kind, record, form[0], associations=form[1]))
        record.rendered_form = form
    return record.rendered


def _listed(state: State, kind: ObjectType, record: Record, other: ObjectType) -> dict[str, Any]:
    links = state.links.of(kind.name, record.id, other.name)
    rows = [
        {"id": str(other_id), "type": LISTED_NAMES[type_id]} for other_id, types in links.items() for type_id in types
    ]
    if not rows:
        return {}
    if len(links) <= _MOST_LISTED:
        return {"results": rows}
    shown = list(links)[:_MOST_LISTED]
    listed = [row for row in rows if int(row["id"]) in set(shown)]
    link = f"https://api.hubapi.com/crm/v4/objects/{kind.name}/{record.id}/associations/{other.name}?after={shown[-1]}"
    return {"results": listed, "paging": {"next": {"after": str(shown[-1]), "link": link}}}


def _history(record: Record, name: str) -> list[dict[str, Any]]:
    changes = record.history.get(name)
    if changes is None:
        value = record.properties.get(name)
        changes = [Change(value=value, at_ms=record.created_ms)] if value else []
    return [{"value": change.value, "timestamp": iso(change.at_ms), "sourceType": change.source} for change in changes]

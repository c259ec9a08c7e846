"""/crm/.../objects: lists, single records, search and merge."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from connectors.sandbox.hubspot.call import Call, kind_of, string_list
from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.inputs import look_up, parse_targets, require_unique
from connectors.sandbox.hubspot.problems import Problem, not_found
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.rendering import form_of, fragments, render, shown_properties
from connectors.sandbox.hubspot.search import Hit
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import as_id
from connectors.sandbox.hubspot.writing import (
    accept_changes,
    accept_new,
    archive_record,
    change_record,
    insert_record,
    merge_records,
)
from connectors.sandbox.wire import Response

_API = "https://api.hubapi.com"


def list_records(state: State, call: Call, kind: ObjectType) -> Response:
    """A page of records in the order of their ids."""
    call.require(kind.read_scope)
    histories = call.listed("propertiesWithHistory")
    limit = call.number("limit", 10, most=50 if histories else 100)
    archived = call.flag("archived")
    others = _associated_types(call)
    table = state.table(kind.name)
    records, has_more = table.page(after=_read_cursor(call.param("after")), limit=limit, archived=archived)
    names = shown_properties(state, kind, call.listed("properties"))
    if histories:
        known = [name for name in histories if name in state.properties[kind.name]]
        rows: list[Any] = [render(state, kind, r, names, histories=known, associations=others) for r in records]
    else:
        rows = list(fragments(state, kind, records, form_of(state, names, others)))
    return call.answer({"results": rows, **_next_page(call, kind, records, has_more=has_more)})


def read_record(state: State, call: Call, kind: ObjectType, word: str) -> Response:
    """One record, or the one it was merged into."""
    call.require(kind.read_scope)
    record = _find(state, call, kind, word, archived=call.flag("archived"))
    histories = [name for name in call.listed("propertiesWithHistory") if name in state.properties[kind.name]]
    names = shown_properties(state, kind, call.listed("properties"))
    others = _associated_types(call)
    return call.answer(render(state, kind, record, names, histories=histories, associations=others))


def post_record(state: State, call: Call, kind: ObjectType) -> Response:
    """Create one record."""
    call.require(kind.write_scope)
    body = call.json()
    targets = parse_targets(state, kind, body.get("associations"))
    accepted = accept_new(state, kind, body.get("properties", {}), is_dated=call.is_dated)
    record = insert_record(state, kind, accepted, targets, now_ms=call.now_ms)
    return call.answer(written(state, kind, record), 201)


def patch_record(state: State, call: Call, kind: ObjectType, word: str) -> Response:
    """Change one record."""
    call.require(kind.write_scope)
    record = _find(state, call, kind, word)
    accepted = accept_changes(state, kind, record, call.json().get("properties", {}), is_dated=call.is_dated)
    change_record(state, kind, record, accepted, at_ms=call.now_ms)
    return call.answer(written(state, kind, record))


def delete_record(state: State, call: Call, kind: ObjectType, word: str) -> Response:
    """Archive one record; no complaint where there is none."""
    call.require(kind.write_scope)
    record = state.table(kind.name).find(as_id(word))
    if record is not None:
        archive_record(state, kind, record, now_ms=call.now_ms)
    return Response(status=204)


def merge(state: State, call: Call, kind: ObjectType) -> Response:
    """Merge one record into another."""
    call.require(kind.write_scope)
    body = call.json()
    table = state.table(kind.name)
    survivor = table.find(as_id(body.get("primaryObjectId")))
    absorbed = table.find(as_id(body.get("objectIdToMerge")))
    if kind.name == "tasks" or survivor is None or absorbed is None:
        raise not_found()
    if survivor is absorbed:
        raise Problem(400, "A record cannot be merged with itself.")
    merge_records(state, kind, survivor, absorbed, now_ms=call.now_ms)
    return call.answer(written(state, kind, survivor))


def search(state: State, call: Call, kind: ObjectType) -> Response:
    """A page of what the index finds."""
    call.require(kind.read_scope)
    limits = state.settings
    if len(call.body) > limits.search_body_limit:
        raise Problem(400, f"The request body is over the limit of {limits.search_body_limit} characters.")
    body = call.json()
    limit, after = _bounded(body.get("limit"), 10, "limit", most=200), _bounded(body.get("after"), 0, "after")
    if after + limit > limits.search_result_limit:
        raise Problem(400, f"Paging beyond {limits.search_result_limit} results is not supported.")
    hits = call.searches.find(state, kind, body, call.now_ms)
    names = shown_properties(state, kind, string_list(body.get("properties"), "properties"))
    rows = _shown_hits(state, kind, hits[after : after + limit], names)
    page = {"paging": {"next": {"after": str(after + limit)}}} if after + limit < len(hits) else {}
    return call.answer({"total": len(hits), "results": rows, **page})


def written(state: State, kind: ObjectType, record: Record, trace_id: str | None = None) -> dict[str, Any]:
    """A record as the answer to a write shows it: with every property it has."""
    names = tuple(dict.fromkeys((*kind.always, *record.properties)))
    body = render(state, kind, record, names)
    return body if trace_id is None else {**body, "objectWriteTraceId": trace_id}


def _shown_hits(state: State, kind: ObjectType, hits: list[Hit], names: tuple[str, ...]) -> list[Any]:
    if all(values is record.properties for record, values in hits):
        return list(fragments(state, kind, (record for record, _ in hits), form_of(state, names)))
    return [render(state, kind, record, names, as_indexed=values) for record, values in hits]


def _find(state: State, call: Call, kind: ObjectType, word: str, *, archived: bool = False) -> Record:
    id_property = call.param("idProperty")
    if id_property:
        require_unique(state, kind, id_property)
    record = look_up(state, kind, word, id_property, archived=archived)
    if record is None:
        raise not_found()
    return record


def _associated_types(call: Call) -> tuple[ObjectType, ...]:
    return tuple(kind_of(word) for word in call.listed("associations"))


def _bounded(value: object, default: int, name: str, most: int | None = None) -> int:
    text = str(default) if value is None or value == "" else str(value)
    if not text.isdecimal() or (most is not None and not 0 <= int(text) <= most):
        raise Problem(400, f"Invalid input JSON: '{name}' must be a number{f' of at most {most}' if most else ''}")
    return int(text)


def _next_page(call: Call, kind: ObjectType, records: list[Record], *, has_more: bool) -> dict[str, Any]:
    if not has_more:
        return {}
    after = base64.b64encode(str(records[-1].id).encode()).decode()
    link = f"{_API}/crm/{call.version}/objects/{kind.name}?after={after}"
    return {"paging": {"next": {"after": after, "link": link}}}


def _read_cursor(text: str) -> int:
    try:
        return int(base64.b64decode(text, validate=True)) if text else -1
    except (binascii.Error, ValueError):
        raise Problem(400, "Invalid cursor in query parameter: after") from None

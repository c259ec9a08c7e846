"""/crm/.../objects/{type}/batch: a hundred rows at a time, each of which may fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.sandbox.hubspot.call import Call, string_list
from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.inputs import look_up, parse_rows, parse_targets, require_unique
from connectors.sandbox.hubspot.objects_api import written
from connectors.sandbox.hubspot.problems import Problem, missing_records
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.rendering import form_of, fragments, render, shown_properties
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import as_id, iso
from connectors.sandbox.hubspot.writing import (
    accept_changes,
    accept_new,
    archive_record,
    change_record,
    insert_record,
)
from connectors.sandbox.wire import Response

_MOST = 100
Row = dict[str, Any]
Commit = Callable[[], Record]


def batch_read(state: State, call: Call, kind: ObjectType) -> Response:
    """The records of these ids; ids that are not there are one error that lists them."""
    call.require(kind.read_scope)
    body = call.json()
    rows = parse_rows(body, most=_MOST)
    names = shown_properties(state, kind, string_list(body.get("properties"), "properties"))
    asked = string_list(body.get("propertiesWithHistory"), "propertiesWithHistory")
    histories = [name for name in asked if name in state.properties[kind.name]]
    if body.get("idProperty"):
        require_unique(state, kind, body["idProperty"])
    found: dict[int, Record] = {}
    missing: list[str] = []
    for row in rows:
        record = look_up(state, kind, row.get("id"), body.get("idProperty"), archived=call.flag("archived"))
        if record is None:
            missing.append(str(row.get("id")))
        else:
            found[record.id] = record
    if histories:
        results: list[Any] = [render(state, kind, r, names, histories=histories) for r in found.values()]
    else:
        results = list(fragments(state, kind, found.values(), form_of(state, names)))
    errors = [missing_records(kind.singular.upper(), missing).as_row()] if missing else []
    return batch_answer(call, _in_some_order(state, results), errors, count=len(missing))


def batch_create(state: State, call: Call, kind: ObjectType) -> Response:
    """New records."""

    def prepare(row: Row) -> Commit:
        targets = parse_targets(state, kind, row.get("associations"))
        accepted = accept_new(state, kind, row.get("properties", {}), is_dated=call.is_dated)
        return lambda: insert_record(state, kind, accepted, targets, now_ms=call.now_ms)

    return _write(state, call, kind, prepare, status=201)


def batch_update(state: State, call: Call, kind: ObjectType) -> Response:
    """Records changed, by id or by a unique property."""

    def prepare(row: Row) -> Commit:
        id_property = row.get("idProperty")
        if id_property:
            require_unique(state, kind, id_property)
        record = look_up(state, kind, row.get("id"), id_property)
        if record is None:
            raise missing_records(kind.singular.upper(), [str(row.get("id"))])
        return _change(state, call, kind, record, row.get("properties", {}))

    return _write(state, call, kind, prepare, status=200)


def batch_upsert(state: State, call: Call, kind: ObjectType) -> Response:
    """Records made or changed by a unique property; each result says whether it is new."""

    def prepare(row: Row) -> Commit:
        name, given = row.get("idProperty"), row.get("properties", {})
        require_unique(state, kind, name or "hs_object_id")
        record = look_up(state, kind, row.get("id"), name)
        if record is not None:
            return _change(state, call, kind, record, given)
        properties = {**given, str(name): row.get("id")} if isinstance(given, dict) else given
        accepted = accept_new(state, kind, properties, is_dated=call.is_dated)
        return lambda: insert_record(state, kind, accepted, [], now_ms=call.now_ms)

    return _write(state, call, kind, prepare, status=200, says_new=True)


def batch_archive(state: State, call: Call, kind: ObjectType) -> Response:
    """Records archived; ids that are not there are passed over."""
    call.require(kind.write_scope)
    for row in parse_rows(call.json(), most=_MOST):
        record = state.table(kind.name).find(as_id(row.get("id")))
        if record is not None:
            archive_record(state, kind, record, now_ms=call.now_ms)
    return Response(status=204)


BATCHES: dict[str, Callable[[State, Call, ObjectType], Response]] = {
    "read": batch_read,
    "create": batch_create,
    "update": batch_update,
    "upsert": batch_upsert,
    "archive": batch_archive,
}


def batch_answer(
    call: Call, results: list[Any], errors: list[Row], *, status: int = 200, count: int | None = None
) -> Response:
    """The envelope. v3 answers 207 where anything failed; the dated versions keep their one status."""
    body: Row = {
        "status": "COMPLETE",
        "results": results,
        **({"numErrors": len(errors) if count is None else count, "errors": errors} if errors else {}),
        "startedAt": iso(call.now_ms),
        "completedAt": iso(call.now_ms),
    }
    return call.answer(body, 207 if errors and not call.is_dated else status)


def _write(
    state: State, call: Call, kind: ObjectType, prepare: Callable[[Row], Commit], *, status: int, says_new: bool = False
) -> Response:
    """Write each row. Without a trace id of its own on every row, one bad value fails them all with a 400."""
    call.require(kind.write_scope)
    rows = parse_rows(call.json(), most=_MOST)
    _refuse_doubles(rows)
    table = state.table(kind.name)
    results: list[Row] = []
    errors: list[Row] = []

    def commit(row: Row, change: Commit) -> None:
        known = table.last_id
        record = change()
        is_new = {"new": record.id > known} if says_new else {}
        trace = row.get("objectWriteTraceId") if state.settings.echoes_trace_ids else None
        results.append({**written(state, kind, record, trace), **is_new})

    prepared: list[tuple[Row, Commit]] = []
    is_traced = _is_traced(rows)
    for row in rows:
        try:
            change = prepare(row)
        except Problem as problem:
            if not is_traced and problem.status != 404:
                raise
            errors.append(problem.as_row(row.get("objectWriteTraceId")))
        else:
            if is_traced:  # each row stands for itself, and the next one sees what it did
                commit(row, change)
            else:
                prepared.append((row, change))
    for row, change in prepared:
        commit(row, change)
    return batch_answer(call, _in_some_order(state, results), errors, status=status)


def _in_some_order(state: State, results: list[Any]) -> list[Any]:
    # Clients must go by ids, trace ids or contents: the backward order shows those that go by position.
    return results if state.settings.keeps_batch_order else results[::-1]


def _is_traced(rows: list[Row]) -> bool:
    traces = [row.get("objectWriteTraceId") for row in rows]
    return all(isinstance(trace, str) and trace for trace in traces) and len(set(traces)) == len(traces)


def _change(state: State, call: Call, kind: ObjectType, record: Record, given: object) -> Commit:
    accepted = accept_changes(state, kind, record, given, is_dated=call.is_dated)

    def commit() -> Record:
        change_record(state, kind, record, accepted, at_ms=call.now_ms)
        return record

    return commit


def _refuse_doubles(rows: list[Row]) -> None:
    ids = [(row.get("idProperty"), str(row["id"]).lower()) for row in rows if "id" in row]
    if len(set(ids)) < len(ids):
        raise Problem(400, "Duplicate ids found in batch input: each id may stand in one row only.")

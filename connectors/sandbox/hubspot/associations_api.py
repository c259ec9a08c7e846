"""/crm/.../associations: who belongs to whom, read and written in batches or one by one."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.hubspot.batch_api import batch_answer
from connectors.sandbox.hubspot.call import Call
from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.inputs import parse_rows, parse_type, require_record
from connectors.sandbox.hubspot.links import DEFAULT_LINKS, LINK_TYPES
from connectors.sandbox.hubspot.problems import Problem, not_found
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import as_id
from connectors.sandbox.wire import Response

_MOST_CREATED, _MOST_ARCHIVED, _PAGE = 2_000, 100, 500
Row = dict[str, Any]


def batch(state: State, call: Call, near: ObjectType, far: ObjectType, words: tuple[str, ...]) -> Response:
    """One of the batch endpoints."""
    match words:
        case ("read",):
            return _batch_read(state, call, near, far)
        case ("create",):
            return _batch_create(state, call, near, far, is_default=False)
        case ("associate", "default"):
            return _batch_create(state, call, near, far, is_default=True)
        case ("archive",):
            return _batch_archive(state, call, near, far)
    raise not_found()


def list_one(state: State, call: Call, near: ObjectType, word: str, far: ObjectType) -> Response:
    """What one record is associated with."""
    call.require_all(near.read_scope, far.read_scope)
    record_id = _existing(state, near, word)
    limit = call.number("limit", _PAGE, most=_PAGE)
    rows, paging = _page(state, near, record_id, far, call.param("after"), limit)
    return call.answer({"results": rows, **paging})


def put_one(
    state: State, call: Call, near: ObjectType, word: str, far: ObjectType, far_word: str, *, is_default: bool
) -> Response:
    """Associate two records, with the default type or with those of the body."""
    call.require_all(near.write_scope, far.write_scope)
    from_id, to_id = _existing(state, near, word), _existing(state, far, far_word)
    type_ids = [_default(near, far)] if is_default else _named_types(near, far, call.json_value())
    for type_id in type_ids:
        state.links.connect(type_id, from_id, to_id)
    if not is_default:
        return call.answer(_created(near, from_id, far, to_id), 201)
    return batch_answer(call, [_default_row(from_id, to_id, type_ids[0])], [])


def delete_one(state: State, call: Call, near: ObjectType, word: str, far: ObjectType, far_word: str) -> Response:
    """Remove every association between two records."""
    call.require_all(near.write_scope, far.write_scope)
    state.links.disconnect(near.name, as_id(word), far.name, as_id(far_word))
    return Response(status=204)


def _batch_read(state: State, call: Call, near: ObjectType, far: ObjectType) -> Response:
    call.require_all(near.read_scope, far.read_scope)
    results: list[Row] = []
    errors: list[Row] = []
    for row in parse_rows(call.json(), most=state.settings.association_read_limit):
        record = state.table(near.name).find(as_id(row.get("id")))
        if record is None or not state.links.of(near.name, record.id, far.name):
            errors.append(_no_associations(near, str(row.get("id")), far))
            continue
        rows, paging = _page(state, near, record.id, far, str(row.get("after") or ""), _PAGE)
        results.append({"from": {"id": str(record.id)}, "to": rows, **paging})
    return batch_answer(call, results, errors)


def _batch_create(state: State, call: Call, near: ObjectType, far: ObjectType, *, is_default: bool) -> Response:
    call.require_all(near.write_scope, far.write_scope)
    results: list[Row] = []
    errors: list[Row] = []
    for row in parse_rows(call.json(), most=_MOST_CREATED):
        try:
            from_id = require_record(state, near.name, _end(row, "from"))
            to_id = require_record(state, far.name, _end(row, "to"))
            types = [_default(near, far)] if is_default else _named_types(near, far, row.get("types"))
        except Problem as problem:
            errors.append(problem.as_row())
            continue
        for type_id in types:
            state.links.connect(type_id, from_id, to_id)
        results.append(_default_row(from_id, to_id, types[0]) if is_default else _created(near, from_id, far, to_id))
    return batch_answer(call, results, errors, status=200 if is_default else 201)


def _batch_archive(state: State, call: Call, near: ObjectType, far: ObjectType) -> Response:
    call.require_all(near.write_scope, far.write_scope)
    for row in parse_rows(call.json(), most=_MOST_ARCHIVED):
        targets = row.get("to")
        for to in targets if isinstance(targets, list) else ():
            to_id = as_id(to.get("id")) if isinstance(to, dict) else -1
            state.links.disconnect(near.name, _end(row, "from"), far.name, to_id)
    return Response(status=204)


def _page(
    state: State, near: ObjectType, record_id: int, far: ObjectType, after: str, limit: int
) -> tuple[list[Row], Row]:
    links = state.links.of(near.name, record_id, far.name)
    if after and not after.isdecimal():
        raise Problem(400, "Invalid cursor: after")
    ids = sorted(other for other in links if not after or other > int(after))
    rows = [
        {
            "toObjectId": str(other),
            "associationTypes": [LINK_TYPES[type_id].as_json() for type_id in links[other]],
        }
        for other in ids[:limit]
    ]
    return rows, {"paging": {"next": {"after": str(ids[limit - 1])}}} if len(ids) > limit else {}


def _no_associations(near: ObjectType, word: str, far: ObjectType) -> Row:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {far.singular} is associated with {near.singular} {word}.",
        "context": {"fromObjectId": [word], "fromObjectType": [near.singular], "toObjectType": [far.singular]},
    }


def _existing(state: State, kind: ObjectType, word: str) -> int:
    record = state.table(kind.name).find(as_id(word))
    if record is None:
        raise not_found()
    return record.id


def _end(row: Row, name: str) -> int:
    end = row.get(name)
    return as_id(end.get("id")) if isinstance(end, dict) else -1


def _default(near: ObjectType, far: ObjectType) -> int:
    type_id = DEFAULT_LINKS.get((near.name, far.name))
    if type_id is None:
        raise Problem(400, f"There is no association type between {near.name} and {far.name}.")
    return type_id


def _named_types(near: ObjectType, far: ObjectType, given: object) -> list[int]:
    if not isinstance(given, list) or not given:
        raise Problem(400, "Invalid input JSON: expected a list of association types")
    return [parse_type(near.name, one, far.name) for one in given]


def _created(near: ObjectType, from_id: int, far: ObjectType, to_id: int) -> Row:
    return {
        "fromObjectTypeId": near.id,
        "fromObjectId": str(from_id),
        "toObjectTypeId": far.id,
        "toObjectId": str(to_id),
        "labels": [],
    }


def _default_row(from_id: int, to_id: int, type_id: int) -> Row:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    return {"from": {"id": str(from_id)}, "to": {"id": str(to_id)}, "associationSpec": spec}

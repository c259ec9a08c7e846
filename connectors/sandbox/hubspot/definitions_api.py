"""/crm/.../pipelines, /properties and /owners: how the portal is set up, and its people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.sandbox.hubspot.batch_api import batch_answer
from connectors.sandbox.hubspot.call import Call, kind_of
from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.definitions import Option, Owner, Property
from connectors.sandbox.hubspot.inputs import parse_rows
from connectors.sandbox.hubspot.problems import Problem, missing_scopes, not_found
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import iso
from connectors.sandbox.wire import Response

_TYPES = {"bool", "date", "datetime", "enumeration", "number", "phone_number", "string"}
_FIELD_TYPES = {
    "booleancheckbox", "calculation_equation", "checkbox", "date", "file", "html", "number", "phonenumber", "radio",
    "select", "text", "textarea",
}  # fmt: skip


def pipelines(state: State, call: Call, words: tuple[str, ...]) -> Response:
    """The deal pipelines, one of them, or its stages."""
    kind = kind_of(words[0])
    call.require("crm.objects.deals.read", "crm.schemas.deals.read")
    rows = [pipeline.as_json(state.created_at) for pipeline in state.pipelines] if kind.name == "deals" else []
    if len(words) == 1:
        return call.answer({"results": rows})
    found = next((row for row in rows if row["id"] == words[1]), None)
    if found is None:
        raise not_found()
    match words[2:]:
        case ():
            return call.answer(found)
        case ("stages",):
            return call.answer({"results": found["stages"]})
        case ("stages", stage_id):
            for stage in found["stages"]:
                if stage["id"] == stage_id:
                    return call.answer(stage)
    raise not_found()


def properties(state: State, call: Call, words: tuple[str, ...]) -> Response:
    """Property definitions: listed, read, made, changed, archived."""
    kind = kind_of(words[0])
    match (call.method, words[1:]):
        case ("GET", ()):
            _require_read(call, kind)
            archived = call.flag("archived")
            known = state.properties[kind.name].values()
            return call.answer({"results": [p.as_json() for p in known if p.is_archived == archived]})
        case ("GET", ("groups",)):
            _require_read(call, kind)
            return call.answer({"results": [_group(name) for name in state.groups[kind.name]]})
        case ("POST", ("groups",)):
            _require_write(call, kind)
            return call.answer(_create_group(state, kind, call.json()), 201)
        case ("POST", ("batch", "read" | "create" | "archive" as action)):
            return _batch(state, call, kind, action)
        case ("GET", (name,)):
            _require_read(call, kind)
            return call.answer(_find(state, kind, name).as_json())
        case ("POST", ()):
            _require_write(call, kind)
            return call.answer(_create(state, kind, call.json(), call.now_ms).as_json(), 201)
        case ("PATCH", (name,)):
            _require_write(call, kind)
            return call.answer(_change(state, kind, name, call.json()).as_json())
        case ("DELETE", (name,)):
            _require_write(call, kind)
            found = _modifiable(_find(state, kind, name))
            state.properties[kind.name][name] = replace(found, is_archived=True)
            return Response(status=204)
    raise not_found()


def _batch(state: State, call: Call, kind: ObjectType, action: str) -> Response:
    rows = parse_rows(call.json(), most=100)
    results: list[Any] = []
    errors: list[dict[str, Any]] = []
    for row in rows:
        try:
            results.append(_one_of_batch(state, call, kind, action, row))
        except Problem as problem:
            if problem.status == 403:
                raise
            errors.append(problem.as_row())
    if action == "archive":
        return Response(status=204)
    return batch_answer(call, results, errors, status=201 if action == "create" else 200)


def _one_of_batch(state: State, call: Call, kind: ObjectType, action: str, row: dict[str, Any]) -> Any:
    name = str(row.get("name"))
    if action == "read":
        _require_read(call, kind)
        return _find(state, kind, name).as_json()
    _require_write(call, kind)
    if action == "create":
        return _create(state, kind, row, call.now_ms).as_json()
    state.properties[kind.name][name] = replace(_modifiable(_find(state, kind, name)), is_archived=True)
    return None


def owners(state: State, call: Call, words: tuple[str, ...]) -> Response:
    """The people who can own records; the deactivated ones only where they are asked for."""
    call.require("crm.objects.owners.read")
    archived = call.flag("archived")
    found = [owner for _, owner in sorted(state.owners.items()) if owner.is_archived == archived]
    if words:
        by_user = call.param("idProperty", "id") == "userId"
        for owner in found:
            if str(owner.user_id if by_user else owner.id) == words[0]:
                return call.answer(owner.as_json(state.created_at))
        raise not_found()
    return _owner_page(state, call, found)


def _owner_page(state: State, call: Call, found: list[Owner]) -> Response:
    email, after = call.param("email").lower(), call.param("after")
    if after and not after.isdecimal():
        raise Problem(400, "Invalid cursor in query parameter: after")
    limit = call.number("limit", 100, most=500)
    rest = [o for o in found if email in {"", o.email.lower()} and (not after or o.id > int(after))]
    page = {"paging": {"next": {"after": str(rest[limit - 1].id)}}} if len(rest) > limit else {}
    return call.answer({"results": [owner.as_json(state.created_at) for owner in rest[:limit]], **page})


def _require_read(call: Call, kind: ObjectType) -> None:
    call.require(kind.read_scope, f"crm.schemas.{kind.name}.read")


def _require_write(call: Call, kind: ObjectType) -> None:
    # There is no scope that lets an app add properties to tasks.
    scope = f"crm.schemas.{kind.name}.write"
    if kind.name == "tasks":
        raise missing_scopes([scope])
    call.require(scope)


def _group(name: str) -> dict[str, Any]:
    return {"name": name, "label": name, "displayOrder": -1, "archived": False}


def _create_group(state: State, kind: ObjectType, body: dict[str, Any]) -> dict[str, Any]:
    name = str(body.get("name") or "")
    if not name or not body.get("label"):
        raise Problem(400, "Invalid input JSON: a group needs a name and a label")
    if name in state.groups[kind.name]:
        raise Problem(409, f"Property group {name} already exists.", category="OBJECT_ALREADY_EXISTS")
    state.groups[kind.name].append(name)
    return _group(name)


def _find(state: State, kind: ObjectType, name: str) -> Property:
    found = state.properties[kind.name].get(name)
    if found is None or found.is_archived:
        raise not_found(f"Property {name} does not exist on object type {kind.singular}")
    return found


def _modifiable(found: Property) -> Property:
    if found.is_hubspot_defined:
        raise Problem(400, f"{found.name} is defined by HubSpot and cannot be changed.")
    return found


def _create(state: State, kind: ObjectType, body: dict[str, Any], now_ms: int) -> Property:
    missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if missing:
        raise Problem(400, f"Invalid input JSON: required fields were not set: {missing}")
    name = str(body["name"])
    if body["type"] not in _TYPES or body["fieldType"] not in _FIELD_TYPES:
        raise Problem(400, f"{body['type']} with {body['fieldType']} is not a type of property")
    if not name[0].isalpha() or name != name.lower() or not name.replace("_", "").isalnum():
        raise Problem(400, f"{name} is not a valid name: lower case letters, digits and underscores only")
    if body["groupName"] not in state.groups[kind.name]:
        raise Problem(400, f"Property group {body['groupName']} does not exist")
    known = state.properties[kind.name]
    if name in known:
        raise Problem(409, f"Property {name} already exists.", category="OBJECT_ALREADY_EXISTS")
    is_unique = bool(body.get("hasUniqueValue"))
    if is_unique and sum(p.is_unique for p in known.values()) >= 10:
        raise Problem(400, "At most 10 properties of an object type can have unique values.")
    known[name] = Property(
        name=name,
        label=str(body["label"]),
        type=body["type"],
        field_type=body["fieldType"],
        group=body["groupName"],
        description=str(body.get("description", "")),
        options=_options(body.get("options")),
        is_unique=is_unique,
        is_hubspot_defined=False,
        created_at=iso(now_ms),
    )
    return known[name]


def _change(state: State, kind: ObjectType, name: str, body: dict[str, Any]) -> Property:
    found = _modifiable(_find(state, kind, name))
    changed = replace(
        found,
        label=str(body.get("label", found.label)),
        description=str(body.get("description", found.description)),
        options=_options(body["options"]) if "options" in body else found.options,  # the whole list is replaced
    )
    state.properties[kind.name][name] = changed
    return changed


def _options(given: object) -> tuple[Option, ...]:
    rows = given if isinstance(given, list) else []
    if not all(isinstance(row, dict) and row.get("value") and row.get("label") for row in rows):
        raise Problem(400, "Invalid input JSON: every option needs a label and a value")
    made = tuple(
        Option(value=str(row["value"]), label=str(row["label"]), hidden=bool(row.get("hidden")), display_order=order)
        for order, row in enumerate(rows)
    )
    if len({option.value for option in made}) < len(made):
        raise Problem(400, "Option values must be unique.")
    return made

"""The associations a new record asks for, and the rows of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.links import HUBSPOT_DEFINED, LINK_TYPES
from connectors.sandbox.hubspot.problems import Problem
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import as_id, as_text
from connectors.sandbox.hubspot.writing import Target


def parse_targets(state: State, kind: ObjectType, given: object) -> list[Target]:
    """The associations of a new record; raises the 400 for types that do not fit and records that are not there."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise Problem(400, "Invalid input JSON: 'associations' must be a list")
    return [target for one in given for target in _parse_target(state, kind, one)]


def parse_type(from_type: str, given: object, to_type: str | None = None) -> int:
    """The type id of an `associationTypeId` object; raises the 400 where it does not join these object types."""
    row = given if isinstance(given, Mapping) else {}
    type_id = as_id(row.get("associationTypeId"))
    link = LINK_TYPES.get(type_id)
    fits = link is not None and link.from_type == from_type and to_type in {None, link.to_type}
    if row.get("associationCategory") != HUBSPOT_DEFINED or not fits:
        named = f"{row.get('associationCategory')} {row.get('associationTypeId')}"
        between = f"from {from_type}{f' to {to_type}' if to_type else ''}"
        raise Problem(
            400,
            f"One or more association types are invalid: {named} is not an association {between}",
            sub_category="crm.associations.INVALID_ASSOCIATION_TYPE",
        )
    return type_id


def require_record(state: State, object_type: str, record_id: int) -> int:
    """The id of the live record, the survivor's where it was merged; raises the 400 where there is none."""
    record = state.table(object_type).find(record_id)
    if record is None:
        raise Problem(
            400,
            f"No {object_type} with the id {record_id} can be associated",
            sub_category="crm.associations.INVALID_OBJECT_IDS",
            context={"toObjectId": [str(record_id)]},
        )
    return record.id


def parse_rows(body: Mapping[str, Any], *, most: int) -> list[dict[str, Any]]:
    """The inputs of a batch: at least one, at most so many."""
    rows = body.get("inputs")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Problem(400, "Invalid input JSON: 'inputs' must be a list of objects")
    if not rows:
        raise Problem(400, "Invalid input: 'inputs' may not be empty")
    if len(rows) > most:
        raise Problem(400, f"Maximum batch size exceeded. Only {most} inputs are allowed, {len(rows)} were given.")
    return rows


def require_unique(state: State, kind: ObjectType, name: object) -> None:
    """Raise the 400 for a property that cannot name a record, the record id itself included."""
    definition = state.properties[kind.name].get(str(name))
    if (kind.name, name) == ("contacts", "email") or (definition is not None and definition.is_unique):
        return
    raise Problem(400, f"Unable to perform update/upsert by non-unique {kind.id} property {name}")


def look_up(
    state: State, kind: ObjectType, word: object, id_property: object, *, archived: bool = False
) -> Record | None:
    """The record of an id, or of a value of a unique property."""
    table = state.table(kind.name)
    if not id_property:
        return table.find(as_id(word), archived=archived)
    return table.find_by(str(id_property), as_text(word) or "")


def _parse_target(state: State, kind: ObjectType, one: object) -> list[Target]:
    row = one if isinstance(one, Mapping) else {}
    to, types = row.get("to"), row.get("types")
    if not isinstance(to, Mapping) or not isinstance(types, list) or not types:
        raise Problem(400, "Invalid input JSON: an association needs 'to' with an id, and 'types'")
    targets = []
    for given in types:
        type_id = parse_type(kind.name, given)
        targets.append((type_id, require_record(state, LINK_TYPES[type_id].to_type, as_id(to.get("id")))))
    return targets

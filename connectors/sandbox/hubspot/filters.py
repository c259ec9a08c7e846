"""One filter of a search as a test on a record, by the property's type."""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.hubspot.catalog import ObjectType, find_type
from connectors.sandbox.hubspot.definitions import Property
from connectors.sandbox.hubspot.problems import Problem
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import as_id, parse_ms, parse_number

Values = Mapping[str, str]
Test = Callable[[Record, Values], bool]
Reader = Callable[[Record, Values], Any]
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": operators.eq,
    "GT": operators.gt,
    "GTE": operators.ge,
    "LT": operators.lt,
    "LTE": operators.le,
}


def require_definition(state: State, kind: ObjectType, name: str) -> Property:
    """The property a filter or sort names; raises the 400 where there is none."""
    definition = state.properties[kind.name].get(name)
    if definition is None:
        raise Problem(
            400,
            "There was a problem with the request.",
            errors=[{"message": f'Property "{name}" does not exist', "code": "PROPERTY_DOESNT_EXIST"}],
        )
    return definition


def reader(kind: ObjectType, definition: Property) -> Reader:
    """Reads a property as it compares: a number, milliseconds, or text without case; None where there is no value."""
    name = definition.name
    if name == "hs_object_id":
        return lambda record, _: record.id
    if name == kind.created:
        return lambda record, _: record.created_ms
    if name == kind.modified:  # what the index still knows may be older than the record
        return lambda record, values: record.modified_ms if values is record.properties else parse_ms(values[name])
    if definition.type in {"enumeration", "bool"}:
        return lambda _, values: values.get(name)
    convert = _converter(definition)
    return lambda _, values: convert(values[name]) if name in values else None


def parse_filter(state: State, kind: ObjectType, given: Mapping[str, Any]) -> Test:
    """The test a filter stands for; raises the 400 for what HubSpot does not take."""
    name, operator = str(given.get("propertyName", "")), str(given.get("operator", ""))
    if name.startswith("associations."):
        return _association_test(state, kind, name.removeprefix("associations."), operator, given)
    definition = require_definition(state, kind, name)
    if operator == "HAS_PROPERTY":
        return lambda _, values: name in values
    if operator == "NOT_HAS_PROPERTY":
        return lambda _, values: name not in values
    if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
        return _token_test(definition, operator, given)
    read = reader(kind, definition)
    if operator in {"IN", "NOT_IN"}:
        return _membership_test(definition, read, operator, given)
    return _comparison_test(definition, read, operator, given)


def _converter(definition: Property) -> Callable[[str], Any]:
    if definition.type == "number":
        return parse_number
    if definition.type in {"datetime", "date"}:
        return parse_ms
    return str if definition.type == "enumeration" else str.lower


def _wanted(definition: Property, value: object, operator: str) -> Any:
    """A filter's value, made comparable; a value that does not fit the property is a 400."""
    if not isinstance(value, str | int | float):
        raise Problem(400, f"Operator {operator} on {definition.name} needs a value")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    found = _converter(definition)(text)
    if found is None:
        raise Problem(400, f"{text} is not a valid value for the {definition.type} property {definition.name}")
    return found


def _comparison_test(definition: Property, read: Reader, operator: str, given: Mapping[str, Any]) -> Test:
    wanted = _wanted(definition, given.get("value"), operator) if operator in {*_ORDERED, "NEQ", "BETWEEN"} else None
    if operator == "BETWEEN":
        high = _wanted(definition, given.get("highValue"), operator)
        return lambda record, values: (found := read(record, values)) is not None and wanted <= found <= high
    if operator == "NEQ":
        return lambda record, values: read(record, values) != wanted
    if operator in _ORDERED:
        holds = _ORDERED[operator]
        return lambda record, values: (found := read(record, values)) is not None and holds(found, wanted)
    raise Problem(400, f"Invalid input JSON: {operator or 'null'} is not one of the operators of a filter")


def _membership_test(definition: Property, read: Reader, operator: str, given: Mapping[str, Any]) -> Test:
    listed = given.get("values")
    if not isinstance(listed, list) or not listed:
        raise Problem(400, f"Operator {operator} on {definition.name} needs a list of values")
    if definition.type in {"string", "phone_number"}:
        # Stored text is compared in lower case, the values sent are taken as they are.
        wanted = frozenset(str(value) for value in listed)
    else:
        wanted = frozenset(_wanted(definition, value, operator) for value in listed)
    if operator == "IN":
        return lambda record, values: read(record, values) in wanted
    return lambda record, values: (found := read(record, values)) is not None and found not in wanted


def _token_test(definition: Property, operator: str, given: Mapping[str, Any]) -> Test:
    name = definition.name
    words = re.findall(r"[\w*]+", str(given.get("value") or "").lower())
    if not words:
        raise Problem(400, f"Operator {operator} on {name} needs a value")
    patterns = [re.compile(re.escape(word).replace(r"\*", r"\w*")) for word in words]
    is_wanted = operator == "CONTAINS_TOKEN"

    def test(_: Record, values: Values) -> bool:
        tokens = re.findall(r"\w+", values.get(name, "").lower())
        return all(any(p.fullmatch(token) for token in tokens) for p in patterns) == is_wanted

    return test


def _association_test(state: State, kind: ObjectType, word: str, operator: str, given: Mapping[str, Any]) -> Test:
    other = find_type(word)
    listed: Sequence[object] = given.get("values") or [given.get("value")]
    if other is None or operator not in {"EQ", "IN"}:
        raise Problem(400, f"associations.{word} cannot be filtered with {operator}")
    wanted = {as_id(value) for value in listed}
    return lambda record, _: not wanted.isdisjoint(state.links.of(kind.name, record.id, other.name))

"""The search endpoint's filters and sorts, over what the index knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.sandbox.hubspot.call import as_id
from connectors.sandbox.hubspot.catalog import ObjectType, find_type
from connectors.sandbox.hubspot.definitions import Property
from connectors.sandbox.hubspot.problems import Problem
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import parse_ms, parse_number

Values = Mapping[str, str]
Hit = tuple[Record, Values]
Test = Callable[[Record, Values], bool]

_MOST_GROUPS, _MOST_FILTERS, _MOST_IN_ALL = 5, 6, 18
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed search: any of the groups, all of a group's tests."""

    groups: tuple[tuple[Test, ...], ...]
    text: str
    sort: tuple[Property, bool] | None  # property, whether descending

    def matches(self, kind: ObjectType, record: Record, values: Values) -> bool:
        """Whether a record is found."""
        if (
            self.text
            and self.text not in " ".join(values.get(name, "") for name in (kind.title, *kind.defaults)).lower()
        ):
            return False
        return not self.groups or any(all(test(record, values) for test in group) for group in self.groups)


def parse_query(state: State, kind: ObjectType, body: Mapping[str, Any]) -> Query:
    """The query of a search body; raises the 400 for what HubSpot does not take."""
    groups = _objects(body.get("filterGroups"), "filterGroups")
    if body.get("filters"):
        groups = [*groups, {"filters": body["filters"]}]
    filters = [_objects(group.get("filters"), "filters") for group in groups]
    if len(groups) > _MOST_GROUPS or sum(map(len, filters)) > _MOST_IN_ALL:
        raise Problem(400, f"Too many filters: at most {_MOST_GROUPS} groups and {_MOST_IN_ALL} filters in all.")
    if any(len(group) > _MOST_FILTERS for group in filters):
        raise Problem(400, f"Too many filters in a group: at most {_MOST_FILTERS}.")
    tests = tuple(tuple(_parse_filter(state, kind, one) for one in group) for group in filters)
    return Query(groups=tests, text=str(body.get("query") or "").lower(), sort=_parse_sort(state, kind, body))


def find_hits(state: State, kind: ObjectType, query: Query, now_ms: int) -> list[Hit]:
    """All hits in order. The order of equals is not documented: here the younger record comes first."""
    hits: list[Hit] = [hit for hit in state.table(kind.name).indexed(now_ms) if query.matches(kind, *hit)]
    if query.sort is None:
        return hits
    definition, is_descending = query.sort
    hits.reverse()
    known = [hit for hit in hits if definition.name in hit[1]]
    known.sort(key=lambda hit: _comparable(definition, hit[1][definition.name]), reverse=is_descending)
    return known + [hit for hit in hits if definition.name not in hit[1]]


def _objects(found: object, name: str) -> list[dict[str, Any]]:
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Problem(400, f"Invalid input JSON: '{name}' must be a list of objects")
    return found


def _parse_sort(state: State, kind: ObjectType, body: Mapping[str, Any]) -> tuple[Property, bool] | None:
    sorts = body.get("sorts") or []
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise Problem(400, "Only one sort is allowed.")
    if not sorts:
        return None
    sort = sorts[0]
    if isinstance(sort, str):
        return _definition(state, kind, sort.removeprefix("-")), sort.startswith("-")
    direction = sort.get("direction", "ASCENDING") if isinstance(sort, dict) else ""
    if direction not in {"ASCENDING", "DESCENDING"}:
        raise Problem(400, f"Invalid input JSON: {direction} is not a direction of a sort")
    return _definition(state, kind, str(sort.get("propertyName"))), direction == "DESCENDING"


def _definition(state: State, kind: ObjectType, name: str) -> Property:
    definition = state.properties[kind.name].get(name)
    if definition is None:
        raise Problem(
            400,
            "There was a problem with the request.",
            errors=[{"message": f'Property "{name}" does not exist', "code": "PROPERTY_DOESNT_EXIST"}],
        )
    return definition


def _comparable(definition: Property, text: str) -> Decimal | int | str:
    """The value as it compares: a number, an instant in milliseconds, or text without case."""
    if definition.type == "number":
        return parse_number(text) or Decimal(0)
    if definition.type in {"datetime", "date"}:
        return parse_ms(text) or 0
    return text if definition.type == "enumeration" else text.lower()


def _wanted(definition: Property, value: object, operator: str) -> Decimal | int | str:
    """A filter's value, made comparable; a value that does not fit the property is a 400."""
    if not isinstance(value, str | int | float):
        raise Problem(400, f"Operator {operator} on {definition.name} needs a value")
    text = str(value)
    if definition.type == "number":
        number: Decimal | int | None = parse_number(text)
    elif definition.type in {"datetime", "date"}:
        number = parse_ms(text)
    else:
        return text if definition.type == "enumeration" else text.lower()
    if number is None:
        raise Problem(400, f"{text} is not a valid value for the {definition.type} property {definition.name}")
    return number


def _parse_filter(state: State, kind: ObjectType, given: Mapping[str, Any]) -> Test:
    name, operator = str(given.get("propertyName", "")), str(given.get("operator", ""))
    if name.startswith("associations."):
        return _association_test(state, kind, name.removeprefix("associations."), operator, given)
    definition = _definition(state, kind, name)
    if operator == "HAS_PROPERTY":
        return lambda _, values: name in values
    if operator == "NOT_HAS_PROPERTY":
        return lambda _, values: name not in values
    if operator in {"IN", "NOT_IN"}:
        return _membership_test(definition, operator, given)
    if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
        return _token_test(definition, operator, given)
    return _comparison_test(definition, operator, given)


def _comparison_test(definition: Property, operator: str, given: Mapping[str, Any]) -> Test:
    name = definition.name
    if operator == "BETWEEN":
        low: Any = _wanted(definition, given.get("value"), operator)
        high: Any = _wanted(definition, given.get("highValue"), operator)
        return lambda _, values: name in values and low <= _comparable(definition, values[name]) <= high
    if operator in {"EQ", "NEQ", *_ORDERED}:
        wanted: Any = _wanted(definition, given.get("value"), operator)
        if operator == "EQ":
            return lambda _, values: name in values and _comparable(definition, values[name]) == wanted
        if operator == "NEQ":
            return lambda _, values: name not in values or _comparable(definition, values[name]) != wanted
        holds = _ORDERED[operator]
        return lambda _, values: name in values and holds(_comparable(definition, values[name]), wanted)
    raise Problem(400, f"Invalid input JSON: {operator or 'null'} is not one of the operators of a filter")


def _membership_test(definition: Property, operator: str, given: Mapping[str, Any]) -> Test:
    listed = given.get("values")
    if not isinstance(listed, list) or not listed:
        raise Problem(400, f"Operator {operator} on {definition.name} needs a list of values")
    name = definition.name
    if definition.type in {"string", "phone_number"}:
        # Stored text is compared in lower case, the values sent are taken as they are.
        wanted: frozenset[object] = frozenset(str(value) for value in listed)
    else:
        wanted = frozenset(_wanted(definition, value, operator) for value in listed)
    is_in = operator == "IN"
    return lambda _, values: name in values and (_comparable(definition, values[name]) in wanted) == is_in


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

"""The search endpoint's query: groups of filters and a sort, over what the index knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.definitions import Property
from connectors.sandbox.hubspot.filters import Test, Values, parse_filter, reader, require_definition
from connectors.sandbox.hubspot.problems import Problem
from connectors.sandbox.hubspot.records import Record
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import parse_ms

Hit = tuple[Record, Values]
Filters = Sequence[Mapping[str, Any]]

_MOST_GROUPS, _MOST_FILTERS, _MOST_IN_ALL = 5, 6, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed search: any of the groups, all of a group's tests.

    No hit has a stamp below `from_ms` or an id below `from_id`: most records need no test.
    """

    groups: tuple[tuple[Test, ...], ...]
    text: str
    sort: tuple[Property, bool] | None  # property, whether descending
    from_ms: int
    from_id: int

    def matches(self, kind: ObjectType, record: Record, values: Values) -> bool:
        """Whether a record is found."""
        if self.text:
            shown = " ".join(values.get(name, "") for name in (kind.title, *kind.defaults))
            if self.text not in shown.lower():
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
    tests = tuple(tuple(parse_filter(state, kind, one) for one in group) for group in filters)
    return Query(
        groups=tests,
        text=str(body.get("query") or "").lower(),
        sort=_parse_sort(state, kind, body),
        from_ms=min((_floor(group, kind.modified) for group in filters), default=0),
        from_id=min((_floor(group, "hs_object_id") for group in filters), default=0),
    )


def find_hits(state: State, kind: ObjectType, query: Query, now_ms: int) -> list[Hit]:
    """All hits in order. The order of equals is not documented: here the younger record comes first."""
    candidates = state.table(kind.name).indexed(now_ms, from_ms=query.from_ms, from_id=query.from_id)
    hits: list[Hit] = [hit for hit in candidates if query.matches(kind, *hit)]
    if query.sort is None:
        return hits
    definition, is_descending = query.sort
    read = reader(kind, definition)
    hits.reverse()
    known = [hit for hit in hits if definition.name in hit[1]]
    known.sort(key=lambda hit: read(*hit), reverse=is_descending)
    return known if len(known) == len(hits) else known + [hit for hit in hits if definition.name not in hit[1]]


def _floor(group: Filters, name: str) -> int:
    """The least value of a property that a group's filters leave room for."""
    lowest = 0
    for one in group:
        if one.get("propertyName") == name and one.get("operator") in {"GTE", "GT", "EQ", "BETWEEN"}:
            lowest = max(lowest, parse_ms(str(one.get("value"))) or 0)
    return lowest


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
        return require_definition(state, kind, sort.removeprefix("-")), sort.startswith("-")
    direction = sort.get("direction", "ASCENDING") if isinstance(sort, dict) else ""
    if direction not in {"ASCENDING", "DESCENDING"}:
        raise Problem(400, f"Invalid input JSON: {direction} is not a direction of a sort")
    return require_definition(state, kind, str(sort.get("propertyName"))), direction == "DESCENDING"

"""Searches remembered from page to page, so that paging costs no more than a list does."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

import orjson

from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.filters import reader, require_definition
from connectors.sandbox.hubspot.search import Hit, find_hits, parse_query
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import parse_ms

_MOST_KEPT = 8


class Searches:
    """The hits of the last searches, until anything that a search could see has changed."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, list[Hit]]] = {}

    def find(self, state: State, kind: ObjectType, body: Mapping[str, Any], now_ms: int) -> list[Hit]:
        """All hits of a search body; raises the 400 of `parse_query`."""
        query = parse_query(state, kind, body)
        asked: dict[str, Any] = {name: body.get(name) for name in ("filterGroups", "filters", "sorts", "query")}
        moving = _moving_filter(kind, asked) if query.sort and not query.sort[1] else None
        if moving is None:
            return self._hits(state, kind, asked, now_ms)
        # A client that pages by the last stamp or id asks the same thing again and again, but for one bound.
        filters = [one for one in asked["filterGroups"][0]["filters"] if one is not moving]
        hits = self._hits(state, kind, {**asked, "filterGroups": [{"filters": filters}]}, now_ms)
        read = reader(kind, require_definition(state, kind, moving["propertyName"]))
        cut = bisect_right if moving["operator"] == "GT" else bisect_left
        return hits[cut(hits, parse_ms(str(moving["value"])) or 0, key=lambda hit: read(*hit)) :]

    def _hits(self, state: State, kind: ObjectType, asked: Mapping[str, Any], now_ms: int) -> list[Hit]:
        key = f"{kind.name} {orjson.dumps(asked).decode()}"
        mark = (state.table(kind.name).index_state(now_ms), state.links.revision)
        kept = self._kept.get(key)
        if kept is None or kept[0] != mark:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = (mark, find_hits(state, kind, parse_query(state, kind, asked), now_ms))
            self._kept[key] = kept
        return kept[1]


def _moving_filter(kind: ObjectType, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """The one lower bound on the property that sorts, where that is the stamp or the id."""
    groups, sort = asked["filterGroups"] or [], asked["sorts"][0]
    name = sort if isinstance(sort, str) else sort["propertyName"]
    if len(groups) != 1 or asked["filters"] or name not in {kind.modified, "hs_object_id"}:
        return None
    bounds: list[dict[str, Any]] = [
        one
        for one in groups[0].get("filters") or []
        if one.get("propertyName") == name and one.get("operator") in {"GT", "GTE"}
    ]
    bounds = [one for one in bounds if parse_ms(str(one.get("value"))) is not None]
    return bounds[0] if len(bounds) == 1 else None

"""What all time expressions are read from: the values of their symbols, and the year that stands in them."""

from __future__ import annotations

from typing import Any, TypedDict

from mappings.facts.lexing.lexed import Lexed
from mappings.facts.mention import Edge

EDGES = {"e": Edge.END, "b": Edge.START, "c": Edge.MID, "z": Edge.LATE, "g": Edge.MID}


MANY = 9  # the value of a plural
SECOND = 2  # the value of "second half" where one word says it


def values_of(lexed: Lexed, first: int, last: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for place in range(first, last):
        found.setdefault(lexed.shapes[place], []).append(lexed.values[place])
    return found


class YearSaid(TypedDict, total=False):
    year: int | None
    shift: int | None


def year_of(shapes: str, values: dict[str, list[Any]]) -> YearSaid:
    """The year that stands in the expression, or how many years on it is."""
    if "Y" in values:
        return {"year": values["Y"][0]}
    if "yAn" in shapes:
        return {"shift": 2}
    if "y" in values or "j" in values:
        if "n" in values:
            return {"shift": values["n"][0] or 1}
        if "*" in values:
            return {"shift": 1}
        if "t" in values:
            return {"shift": 0}
    return {}

"""What a query says, as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a condition. `kind` is string, number, boolean, null, date, datetime or range (a date word)."""

    kind: str
    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """A field, with the relationships that lead to it."""

    names: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """As written."""
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field: COUNT(Id), CALENDAR_YEAR(CloseDate). COUNT() has no argument."""

    name: str
    argument: Path | Call | None
    at: int


@dataclass(frozen=True, slots=True)
class Select:
    """One thing selected, with the alias an aggregate query may give it."""

    what: Path | Call | Query
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; `right` is a literal, a list of them or a query."""

    left: Path | Call
    op: str
    right: Literal | tuple[Literal, ...] | Query
    at: int


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions joined by one word, AND or OR."""

    word: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Condition


Condition = Compare | Both | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One key of ORDER BY."""

    by: Path | Call
    is_descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query, or one inside another."""

    selects: tuple[Select, ...]
    source: str
    source_at: int
    alias: str | None = None
    where: Condition | None = None
    groups: tuple[Path | Call, ...] = ()
    having: Condition | None = None
    orders: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0

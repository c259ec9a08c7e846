"""What a text says about time, before anybody asks on which day it was said.

A reading is symbolic ("six months", "the end of Q2 of next year") and made of plain values, so that it can be stored
by the hash of the text and resolved again and again against other days and accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from mappings.model import FactKind
from mappings.taxonomy import Word
from mappings.values import value_type


class Base(Word):
    """The shape of a time expression."""

    DATE = "date"  # year, n (month), day
    NUMERIC = "numeric"  # first, second and year, in an order that the locale decides
    DAY = "day"  # n (month), day; no year
    MONTH = "month"  # n
    QUARTER = "quarter"  # n
    HALF = "half"  # n
    SEASON = "season"  # n: 1 spring, 2 summer, 3 autumn, 4 winter
    YEAR = "year"
    UNIT = "unit"  # this (shift 0) or next (shift 1) week, month, quarter, half or year
    SPAN = "span"  # n units from the day it was said
    WEEK = "week"  # n: ISO week
    WEEKDAY = "weekday"  # n: 0 Monday
    WEEKDAY_OF = "weekday_of"  # "the last Saturday of January": n (month), day is ten times the nth plus the weekday
    FEAST = "feast"  # n: one that moves; which one, by the numbers of `mappings.facts.grammar.feasts`
    MONTH_DAY = "month_day"  # day; shift is months on, where said
    NONE = "none"  # a fact without a date


class Edge(Word):
    """Which part of the period is meant."""

    START = "start"
    MID = "mid"
    LATE = "late"
    END = "end"
    AFTER = "after"


class Role(Word):
    """What the date is to its fact."""

    DATE = "date"
    YEAR_STARTS = "year_starts"  # the fiscal year starts then
    YEAR_ENDS = "year_ends"  # the fiscal year ends then
    SIGNED = "signed"  # the contract began then; its end is a term later
    DEADLINE = "deadline"  # the last day on which the contract can be cancelled
    BEFORE_END = "before_end"  # a span counted back from the contract's end


@value_type(frozen=True, slots=True, kw_only=True)
class When:
    """One time expression. `shift` is years from the year it was said in, or units for `Base.UNIT`.

    `plus` days, weeks, ... (`plus_unit`) are added to the day: "two weeks after Easter"; in capitals it is the
    beginning of such a week or month ("the week after"), and wd0 is the Monday after the day.
    `unit` is d, w, m, q, h or y (a day to a year), or n for a period that was called the next one ("next summer").

    `fiscal` quarters, halves and years are counted in the account's fiscal year. `language` and `separator` help to
    order a numeric date.
    """

    base: Base
    n: int = 0
    day: int = 0
    year: int | None = None
    shift: int | None = None
    unit: str = ""
    edge: Edge = Edge.START
    fiscal: bool = False
    language: str = ""
    separator: str = ""
    plus: int = 0
    plus_unit: str = ""


UNDATED = When(base=Base.NONE)


@value_type(frozen=True, slots=True, kw_only=True)
class DateMention:
    """One date-bearing statement: its kind, the time it names, and its place in the text."""

    kind: FactKind
    when: When = UNDATED
    text: str
    start: int
    end: int
    role: Role = Role.DATE
    term_months: int | None = None
    notice_days: int | None = None
    lapses: bool = False  # no call was asked for then: no fact if the whole of it was over when it was said
    is_denied: bool = False  # "not this year": the one after it, unless they name a day
    is_listed: bool = False  # one of several days without a year: no fact if it has passed this year
    is_told: bool = False  # a story: no fact if the day has passed when it is told


def dump_mentions(mentions: Iterable[DateMention]) -> list[dict[str, Any]]:
    """Plain values for JSON, without defaults."""
    return [_without_defaults(asdict(mention)) for mention in mentions]


def load_mentions(rows: Iterable[Mapping[str, Any]]) -> tuple[DateMention, ...]:
    """The mentions that `dump_mentions` wrote."""
    return tuple(_load(row) for row in rows)


def _without_defaults(row: dict[str, Any]) -> dict[str, Any]:
    row["when"] = {key: value for key, value in row["when"].items() if value or (key == "shift" and value == 0)}
    return {key: value for key, value in row.items() if value is not None}


def _load(row: Mapping[str, Any]) -> DateMention:
    kind, role, when = FactKind(row["kind"]), Role(row["role"]), _load_when(row["when"])
    return DateMention(**{**row, "kind": kind, "role": role, "when": when})


def _load_when(row: Mapping[str, Any]) -> When:
    return When(**{**row, "base": Base(row["base"]), "edge": Edge(row["edge"])})

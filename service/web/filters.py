"""Filters in the URL: what a page looks at, so that a view can be sent to a colleague."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import g, request

from service.audit.lens import WEEKS, Lens, Period, last_weeks
from service.people.roles import Right
from service.web.who import person

NARROWING = ("owner_id", "category", "sub_reason", "stated_category", "competitor", "country", "industry", "band")
SPANS = {"4w": 4, "13w": WEEKS, "26w": 26, "52w": 52, "156w": 156}


def today() -> date:
    """The date where the reader is."""
    day: date = g.reader.today
    return day


def lens_of_request() -> Lens:
    """The lens that the URL describes, over what the person may see. What it does not understand is left out."""
    narrowed = {name: request.args.get(name) or None for name in NARROWING}
    connection = request.args.get("connection_id", type=int)
    return Lens(period=_period(), connection_id=connection, owners=seen_owners(), **narrowed)


def seen_owners() -> list[tuple[int, str]] | None:
    """The CRM owners whose deals the person may see; None for everybody's."""
    me = person()
    return None if me.may(Right.SEE_ALL) else list(me.owner_ids.items())


def is_nobody() -> bool:
    """Whether the person sees their own deals alone, and is no user of any CRM."""
    return seen_owners() == []


def link(**changes: object) -> str:
    """The query string of this page with some filters changed; None takes one away."""
    kept = {name: value for name, value in request.args.items() if name != "page"}
    merged = {**kept, **changes}
    return "?" + urlencode({name: value for name, value in merged.items() if value not in (None, "")})


def chosen() -> dict[str, str]:
    """The filters in force, but for the period."""
    return {name: value for name in NARROWING if (value := request.args.get(name))}


def span_of_request() -> tuple[date, date] | None:
    """The days that `from` and `to` name; None where they are not both there, or not in order."""
    start, end = _day("from"), _day("to")
    return (start, end) if start and end and start <= end else None


def _period() -> Period:
    if span := span_of_request():
        return Period(start=span[0], end=span[1])
    return last_weeks(today(), SPANS.get(request.args.get("span", ""), WEEKS))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None

"""Fiscal years of 52 or 53 weeks, which turn on a weekday and so start on another day each year."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from mappings.model import WeekdayTurn

NEAREST = 0
LAST = -1


def turned(turn: WeekdayTurn, about: date) -> date:
    """The first day of the fiscal year that starts about this day, within four weeks of it."""
    year, month = about.year, turn.month
    if abs(about.month - month) > 6:  # a year that starts about 1 January may turn in December
        year += 1 if month < about.month else -1
    day = nth_weekday(year, month, turn.weekday, turn.nth)
    return day if turn.is_first_day else day + timedelta(days=1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Such a weekday of a month: the nth, the last (-1), or the one nearest to the month's last day (0)."""
    last = date(year, month, monthrange(year, month)[1])
    since = (last.weekday() - weekday) % 7
    if nth == LAST:
        return last - timedelta(days=since)
    if nth == NEAREST:
        return last - timedelta(days=since) if since <= 3 else last + timedelta(days=7 - since)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def start_about(turn: WeekdayTurn) -> tuple[int, int]:
    """The month and day about which such a year starts: the first of the month that it starts in or just before."""
    return (turn.month, 1) if turn.is_first_day and turn.nth > 0 else (turn.month % 12 + 1, 1)

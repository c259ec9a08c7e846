"""Days and moments in conditions: what the literals mean."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from connectors.sandbox.salesforce.store import stamp

_OFFSET = re.compile(r"([+-]\d\d):?(\d\d)$")


def moment_text(literal: str) -> str:
    """A datetime literal as records hold it. Raises ValueError for a day that is none."""
    text = _OFFSET.sub(r"\1:\2", literal.upper().replace("Z", "+00:00"))
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return stamp(moment)[:-9] + f".{moment.microsecond // 1000:03d}+0000"


def date_range(word: str, count: int, today: date) -> tuple[date, date]:
    """First and last day that a date word stands for."""
    day = timedelta(days=1)
    week = today - timedelta(days=(today.weekday() + 1) % 7)
    month, year = today.year * 12 + today.month - 1, today.year
    table = {
        "today": (today, today),
        "yesterday": (today - day, today - day),
        "tomorrow": (today + day, today + day),
        "this_week": (week, week + 6 * day),
        "last_week": (week - 7 * day, week - day),
        "next_week": (week + 7 * day, week + 13 * day),
        "last_90_days": (today - 90 * day, today),
        "next_90_days": (today + day, today + 90 * day),
        "last_n_days": (today - count * day, today),
        "next_n_days": (today + day, today + count * day),
        "this_month": (_month(month), _month(month + 1) - day),
        "last_month": (_month(month - 1), _month(month) - day),
        "next_month": (_month(month + 1), _month(month + 2) - day),
        "last_n_months": (_month(month - count), _month(month) - day),
        "next_n_months": (_month(month + 1), _month(month + count + 1) - day),
        "this_year": (date(year, 1, 1), date(year, 12, 31)),
        "last_year": (date(year - 1, 1, 1), date(year - 1, 12, 31)),
        "next_year": (date(year + 1, 1, 1), date(year + 1, 12, 31)),
        "last_n_years": (date(year - count, 1, 1), date(year - 1, 12, 31)),
        "next_n_years": (date(year + 1, 1, 1), date(year + count, 12, 31)),
    }
    return table[word]


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def day_texts(first: date, last: date) -> tuple[str, str]:
    """A range of days as date fields hold it; its end is exclusive."""
    return first.isoformat(), (last + timedelta(days=1)).isoformat()


def moment_texts(first: date, last: date, zone: tzinfo) -> tuple[str, str]:
    """A range of days in a zone as datetime fields hold it; its end is exclusive."""
    after = last + timedelta(days=1)
    return stamp(datetime.combine(first, time(), tzinfo=zone)), stamp(datetime.combine(after, time(), tzinfo=zone))

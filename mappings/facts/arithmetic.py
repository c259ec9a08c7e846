"""Calendar arithmetic of time expressions. Rules: product documentation, "Words into dates".

A month, quarter or half is its first day, and the next one if it has begun or passed; a month or season that is
running is its own first day. Where the words name another part of the period (its middle, its last third, its end, the
day after it), the period is the first one of which that part has not passed.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from mappings.facts.grammar.feasts import feast_in, length_of
from mappings.facts.mention import Base, Edge, When
from mappings.fiscal_weeks import LAST, nth_weekday, turned
from mappings.model import WeekdayTurn
from mappings.values import replace, value_type

# Countries whose land lies wholly or mostly south of the equator and that have four seasons by that calendar.
_SOUTHERN = """
AO AR AU BO BR BW CL FJ LS MG MU MW MZ NA NC NZ PE PY SZ UY ZA ZM ZW
"""
SOUTHERN = frozenset(_SOUTHERN.split())
# Countries that write month before day in figures. Source: Unicode CLDR, short date formats.
MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "VI", "AS", "MH", "FM", "PW"})
# Where a year is named ("FY27") and its start is not known: companies' usual start. Source: the policy's company table.
ASSUMED_FISCAL_START = {"JP": 4, "IN": 4, "AU": 7}
_MONTHS_OF = {Base.MONTH: 1, Base.QUARTER: 3, Base.HALF: 6, Base.SEASON: 3, Base.YEAR: 12}
_RUNNING = frozenset({Base.MONTH, Base.SEASON})
_INSIDE, _WHOLE = frozenset({Edge.MID, Edge.LATE}), frozenset({Edge.END, Edge.AFTER})
_LAST_PART = frozenset({Edge.END, Edge.LATE})
_UNIT_MONTHS = {"m": 1, "q": 3, "h": 6, "y": 12}


@value_type(frozen=True, slots=True, kw_only=True)
class Frame:
    """What an expression is resolved against. `fiscal_start` is (month, day), or None where not known."""

    said_on: date
    country: str | None
    fiscal_start: tuple[int, int] | None
    fiscal_turn: WeekdayTurn | None = None  # where the fiscal year has 52 or 53 weeks; `fiscal_start` is about then


def add_months(day: date, months: int) -> date:
    """Calendar months, clamped to the month's last day: 31 January + 1 is 28 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9998:
        return day
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_span(day: date, count: int, unit: str) -> date | None:
    """`count` days, weeks, months, quarters, halves or years after `day`; None where no calendar reaches."""
    if abs(count) > 1200:
        return None
    if unit in _UNIT_MONTHS:
        return add_months(day, count * _UNIT_MONTHS[unit])
    try:
        return day + timedelta(days=count * (7 if unit == "w" else 1))
    except OverflowError:
        return None


def first_day(when: When, frame: Frame) -> date | None:
    """The day a time expression means, or None where its words leave it open."""
    try:
        day = _first_day(when, frame)
        return _counted_on(day, when) if day and when.plus else day
    except (ValueError, OverflowError):  # 31 February, or a year beyond the calendar: said, but no day
        return None


def _counted_on(day: date, when: When) -> date | None:
    """So many units on; in capitals the beginning of such a week or month; "wd0" the Monday after."""
    if when.plus_unit == "W":
        return day - timedelta(days=day.weekday()) + timedelta(weeks=when.plus)
    if when.plus_unit == "M":
        return add_months(day.replace(day=1), when.plus)
    if when.plus_unit.startswith("wd"):
        return day + timedelta(days=(int(when.plus_unit[2:]) - day.weekday() - 1) % 7 + 1)
    return add_span(day, when.plus, when.plus_unit)


def _first_day(when: When, frame: Frame) -> date | None:
    match when.base:
        case Base.NONE:
            return None
        case Base.DATE | Base.NUMERIC:
            return _after(_exact(when, frame), when)
        case Base.DAY | Base.FEAST | Base.WEEK | Base.WEEKDAY_OF:
            return _after(_yearly(when, frame), when)
        case Base.MONTH_DAY:
            day = _month_day(when, frame.said_on)
            return day and _after(day, when)
        case Base.WEEKDAY:
            ahead = (when.n - frame.said_on.weekday() - 1) % 7 + 1
            return _after(frame.said_on + timedelta(days=ahead), when)
        case Base.SPAN:
            return add_span(frame.said_on, when.n, when.unit)
        case Base.UNIT:
            return _unit(when, frame)
        case _:
            return _period(when, frame)


def _after(day: date, when: When) -> date:
    if when.base is Base.WEEK and when.edge in _IN_A_WEEK:
        return day + timedelta(days=_IN_A_WEEK[when.edge])
    if when.edge is not Edge.AFTER:
        return day
    return day + timedelta(days=_days_of(when))


_IN_A_WEEK = {Edge.MID: 2, Edge.END: 6}  # days from its Monday


def _days_of(when: When) -> int:
    """How many days a day of the year lasts: a feast may have several."""
    return 7 if when.base is Base.WEEK else length_of(when.n) if when.base is Base.FEAST else 1


def _month_day(when: When, said_on: date) -> date | None:
    """ "The 15th": the next one, or that of the month the words name; a month without such a day is passed over."""
    first = said_on.replace(day=1)
    months = range(13) if when.shift is None else [when.shift]
    for start in (add_months(first, count) for count in months):
        if when.day <= monthrange(start.year, start.month)[1]:
            day = start.replace(day=when.day)
            if when.shift is not None or day >= said_on:
                return day
    return None


def _exact(when: When, frame: Frame) -> date:
    if when.base is Base.DATE:
        return date(when.year or frame.said_on.year, when.n, when.day)
    month, day = when.n, when.day  # as written: first, second
    if _is_month_and_year(when, frame):
        return date(2000 + day, month, 1)
    if not (day > 12 or (month <= 12 and _is_month_first(when, frame))):
        month, day = day, month
    if when.year is not None:
        return date(when.year, month, day)
    return _yearly(When(base=Base.DAY, n=month, day=day), frame)


def _is_month_and_year(when: When, frame: Frame) -> bool:
    """05/28 in English where the day stands first, so that it can be none."""
    if when.language != "en" or when.separator != "/" or when.year is not None or frame.country is None:
        return False
    return when.n <= 12 and 24 <= when.day <= 30 and frame.country not in MONTH_FIRST


def _is_month_first(when: When, frame: Frame) -> bool:
    """03/04/2027: the text's language decides but for English, where the country does (unknown: month first)."""
    if when.separator in {"md", "dm"}:
        return when.separator == "md"  # other figures of the text leave no choice
    if when.language != "en" or when.separator != "/":
        return when.language == "ja" or (when.separator == "-" and (frame.country or "") in MONTH_FIRST)
    return frame.country is None or frame.country in MONTH_FIRST


def _yearly(when: When, frame: Frame) -> date:
    """A day without a year: the next one, unless the words say which year."""
    if when.year is not None or when.shift is not None:
        return _in_year(when, when.year or frame.said_on.year + (when.shift or 0))
    years = range(frame.said_on.year, frame.said_on.year + 9)
    days = (_in_year(when, year) for year in years if not _is_missing(when, year))
    length = timedelta(days=_days_of(when) - 1)  # a running week: its own first day
    return next(day for day in days if day + length >= frame.said_on)


def _is_missing(when: When, year: int) -> bool:
    if when.base is Base.WEEK and when.n == 53:
        return date(year, 12, 28).isocalendar().week == 52
    return when.base is Base.DAY and (when.n, when.day) == (2, 29) and monthrange(year, 2)[1] == 28


def _in_year(when: When, year: int) -> date:
    if when.base is Base.FEAST:
        return feast_in(when.n, year)
    if when.base is Base.WEEKDAY_OF:
        nth, weekday = divmod(when.day, 10)
        return nth_weekday(year, when.n, weekday, LAST if nth == 9 else nth)
    if when.base is Base.WEEK:
        return date.fromisocalendar(year, when.n, 1)
    return date(year, when.n, when.day)


def _unit(when: When, frame: Frame) -> date | None:
    """This or next week, month, quarter, half or year."""
    said, shift = frame.said_on, when.shift or 0
    if when.unit == "d":
        return said + timedelta(days=shift + (when.edge is Edge.AFTER))
    if when.unit == "w":
        return _edge_of(said - timedelta(days=said.weekday()) + timedelta(weeks=shift), 0, when.edge)
    months = _UNIT_MONTHS[when.unit]
    if when.fiscal and when.unit == "y" and frame.fiscal_turn and frame.fiscal_start:
        return _year_of_weeks(when, frame.fiscal_turn, frame.fiscal_start, said)
    origin = _origin(when, frame)
    if origin is None:
        return None
    index = (said.year * 12 + said.month - 1) - (origin[0] - 1) - (1 if said.day < origin[1] else 0)
    start = index - index % months + shift * months + origin[0] - 1
    day = _edge_of(date(start // 12, start % 12 + 1, origin[1]), months, when.edge)
    if day < said and not shift and when.edge in _INSIDE:
        return add_months(day, months)  # the middle of the year has passed, so the next one's is meant
    return day


def _year_of_weeks(when: When, turn: WeekdayTurn, about: tuple[int, int], said: date) -> date:
    """This or next fiscal year of 52 or 53 weeks: each one's first day is its own."""
    starts = [turned(turn, date(year, *about)) for year in range(said.year - 2, said.year + 8)]
    running = max(place for place, start in enumerate(starts) if start <= said) + (when.shift or 0)
    if when.edge in _WHOLE:
        return starts[running + 1] - timedelta(days=when.edge is Edge.END)
    return _edge_of(starts[running], 12, when.edge)


def _origin(when: When, frame: Frame) -> tuple[int, int] | None:
    return frame.fiscal_start if when.fiscal else (1, 1)


def _period(when: When, frame: Frame) -> date | None:
    months = _MONTHS_OF[when.base]
    if when.base is Base.HALF and when.language == "ja" and frame.fiscal_start and when.year is None:
        # 下期 is a half of the fiscal year, and 来年の上期 of the one that starts next year
        turns = when.shift is not None and not when.fiscal and frame.fiscal_start != (1, 1)
        when = replace(when, fiscal=True, year=frame.said_on.year + (when.shift or 0) + 1 if turns else None)
    if when.fiscal and frame.fiscal_start is None:
        if when.year is None:
            return None
        country = frame.country or when.language.upper().replace("JA", "JP")
        frame = replace(frame, fiscal_start=(ASSUMED_FISCAL_START.get(country, 1), 1))
    if when.year is not None:
        return _edge_of(_start_in(when, when.year, frame), months, when.edge)
    if when.shift is not None:
        return _edge_of(_start_in(when, _running_year(when, frame) + when.shift, frame), months, when.edge)
    return next(
        day for start, day in _candidates(when, months, frame) if _is_ahead(when, start, day, months, frame.said_on)
    )


def _running_year(when: When, frame: Frame) -> int:
    """The calendar year, or the one in which the fiscal year that is running ends."""
    said, start = frame.said_on, frame.fiscal_start
    is_next = when.fiscal and start is not None and start != (1, 1) and (said.month, said.day) >= start
    return said.year + is_next


def _candidates(when: When, months: int, frame: Frame) -> Iterator[tuple[date, date]]:
    for year in range(frame.said_on.year - 1, frame.said_on.year + 4):
        start = _start_in(when, year, frame)
        yield start, _edge_of(start, months, when.edge)


def _is_ahead(when: When, start: date, day: date, months: int, said_on: date) -> bool:
    """Whether this occurrence of the period is the one that is meant."""
    if when.edge in _LAST_PART:
        return day >= said_on
    if when.edge is Edge.AFTER:
        return day > said_on
    if when.base in _RUNNING and when.unit != "n":  # running: its own first day
        return add_months(start, months) > said_on
    return day > said_on


def _start_in(when: When, year: int, frame: Frame) -> date:
    """First day of the period in a calendar year, or in the fiscal year that ends in `year`."""
    offset = {Base.MONTH: when.n - 1, Base.QUARTER: 3 * (when.n - 1), Base.HALF: 6 * (when.n - 1)}.get(when.base, 0)
    if when.base is Base.SEASON:
        south = frame.country in SOUTHERN
        offset = (2, 5, 8, 11)[(when.n - 1 + (2 if south else 0)) % 4]
    if not (when.fiscal and frame.fiscal_start):
        return add_months(date(year, 1, 1), offset)
    month, day = frame.fiscal_start
    starts_in = year if (month, day) == (1, 1) else year - 1
    if frame.fiscal_turn:  # quarters of 13 weeks
        return turned(frame.fiscal_turn, date(starts_in, month, day)) + timedelta(weeks=offset * 13 // 3)
    return add_months(date(starts_in, month, day), offset)


def _edge_of(start: date, months: int, edge: Edge) -> date:
    """The named part of a period; `months` 0 is a week. Mid is the 15th (of the middle month), late the last third."""
    if edge is Edge.START:
        return start
    past = add_months(start, months) if months else start + timedelta(days=7)
    if edge is Edge.AFTER:
        return past
    if edge is Edge.END:
        return past - timedelta(days=1)
    if edge is Edge.MID:
        return add_months(start, (months - 1) // 2).replace(day=15) if months else start + timedelta(days=2)
    if months > 1:
        return add_months(start, months - months // 3)
    return start.replace(day=21) if months else start + timedelta(days=4)

"""Feasts and customary holidays that everybody dates alike, by number: see `Base.FEAST` and the word tables.

A number between 10 and 125 is so many days from Easter, plus 60.
"""

from __future__ import annotations

from datetime import date, timedelta

from mappings.fiscal_weeks import LAST, nth_weekday

EASTER, LABOR_DAY, THANKSGIVING, CHRISTMAS, SPRING_FESTIVAL, GOLDEN_WEEK = range(6)
_MEMORIAL_DAY, _PRESIDENTS_DAY, _COLUMBUS_DAY = 7, 8, 9
_WHITSUN = 109
BLACK_FRIDAY, CYBER_MONDAY = 130, 131
_FIXED = {CHRISTMAS: (12, 25), GOLDEN_WEEK: (4, 29)}
# Month, weekday and which of them, in the United States.
_NTH_WEEKDAY = {
    LABOR_DAY: (9, 0, 1),
    THANKSGIVING: (11, 3, 4),
    _MEMORIAL_DAY: (5, 0, LAST),
    _PRESIDENTS_DAY: (2, 0, 3),
    _COLUMBUS_DAY: (10, 0, 2),
}
_DAYS_ON = {BLACK_FRIDAY: 1, CYBER_MONDAY: 4}  # from Thanksgiving
# The Chinese new year of 2020 to 2050, month and day.
_SPRING_FESTIVALS = """
0125 0212 0201 0122 0210 0129 0217 0206 0126 0213 0203 0123 0211 0131 0219 0208
0128 0215 0204 0124 0212 0201 0122 0210 0130 0217 0206 0126 0214 0202 0123
"""
_FIRST_YEAR = 2020
_LENGTHS = {EASTER: 2, CHRISTMAS: 2, _WHITSUN: 2, SPRING_FESTIVAL: 7, GOLDEN_WEEK: 7}


def feast_in(n: int, year: int) -> date:
    """The (first) day of a feast in a year; ValueError where it is not known."""
    if n in _DAYS_ON:
        return feast_in(THANKSGIVING, year) + timedelta(days=_DAYS_ON[n])
    if n in _NTH_WEEKDAY:
        month, weekday, nth = _NTH_WEEKDAY[n]
        return nth_weekday(year, month, weekday, nth)
    if n in _FIXED:
        return date(year, *_FIXED[n])
    if n == SPRING_FESTIVAL:
        return _spring_festival(year)
    from dateutil.easter import easter

    return easter(year) + timedelta(days=n - 60 if n else 0)


def _spring_festival(year: int) -> date:
    days = _SPRING_FESTIVALS.split()
    if not 0 <= year - _FIRST_YEAR < len(days):
        raise ValueError("no table for that year")
    month, day = divmod(int(days[year - _FIRST_YEAR]), 100)
    return date(year, month, day)


def length_of(n: int) -> int:
    """How many days a feast lasts: "after Easter" is when all of them are over."""
    return _LENGTHS.get(n, 1)

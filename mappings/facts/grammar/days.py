"""Expressions that name a day or a week: "5 May", "the last Saturday of January", "Monday week", "Easter"."""

from __future__ import annotations

import re

from mappings.facts.grammar.feasts import BLACK_FRIDAY, CHRISTMAS, CYBER_MONDAY, GOLDEN_WEEK, SPRING_FESTIVAL
from mappings.facts.grammar.said_values import YearSaid, values_of, year_of
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.mention import UNDATED, Base, Edge, When
from mappings.values import replace

_CLOSE = 12  # characters that are looked at
_SINCE_BEFORE = re.compile(r"\b(?:seit|sinds|depuis|desde|dal?) (?:le |o |el )?$")
_EDGE_BEFORE = re.compile(r"[ebcz]o{0,2}$")


def build_date(lexed: Lexed, first: int, _: int) -> When | None:
    a, b, year, separator = (*lexed.values[first], "iso")[:4]
    if separator == "iso":
        return When(base=Base.DATE, year=a, n=b, day=year)
    if year is None and lexed.language not in {"en", "ja"} and 24 <= b <= 39 and b != 31:
        return When(base=Base.MONTH, n=a, year=2000 + b)  # 06/27 where the day stands first
    return When(base=Base.NUMERIC, n=a, day=b, year=year, separator=separator, language=lexed.language)


def _is_in(lexed: Lexed, place: int) -> bool:
    """The English "in", which no day of a month follows."""
    return lexed.shapes[place] == "i" and lexed.values[place] == 1


def build_month_day(lexed: Lexed, first: int, last: int) -> When | None:
    values = values_of(lexed, first, last)
    if lexed.language == "it" and _WEEK.match(lexed.folded, lexed.starts[first]):
        return When(base=Base.WEEK, n=values["N"][0]) if 1 <= values["N"][0] <= _WEEKS else None
    day = next(value for shape in "NO" for value in values.get(shape, ()))
    if not (isinstance(day, int) and 1 <= day <= 39):
        return None
    if 24 <= day <= 39 and first and lexed.shapes[first:last] == "MN" and _is_in(lexed, first - 1):
        return When(base=Base.MONTH, n=values["M"][0], year=2000 + day)  # "in Dec 26"
    if 24 <= day <= 39 and lexed.shapes[first:last] == "MN" and _EDGE_BEFORE.search(lexed.shapes, 0, first):
        return When(base=Base.MONTH, n=values["M"][0], year=2000 + day)  # "end of June 27"
    start = lexed.starts[first]
    is_since = _SINCE_BEFORE.search(lexed.folded, max(start - _CLOSE, 0), start) is not None  # "24 Monate seit Jan. 25"
    if (
        (20 if is_since else 26) <= day <= 39
        and lexed.shapes[first:last] == "MN"
        and lexed.language not in _MONTH_FIRST
    ):
        return When(base=Base.MONTH, n=values["M"][0], year=2000 + day)  # "bis Nov. 27", where the day stands first
    if day > 31:
        return None
    when = When(base=Base.DAY, n=values["M"][0], day=day, **year_of(lexed.shapes[first:last], values))
    return replace(when, base=Base.DATE) if when.year else when


_MONTH_FIRST = frozenset({"en", "ja"})
_WEEKS = 53
_WEEK = re.compile(
    r"sett\.? (?:[1-9]|1\d|2[0-3]|3[3-9]|4\d|5[0-3])(?![\d./])"
)  # in Italian the day of a month stands first


def build_nth_week(lexed: Lexed, first: int, last: int) -> When | None:
    values = values_of(lexed, first, last)
    if "O" not in values and "N" in values and not 1 <= values["N"][0] <= 5:
        return None
    n = next((values[shape][0] for shape in "ON" if shape in values), 9)
    is_half = bool(values.keys() & set("hcd"))  # the first or the second half of it, a fortnight of it
    year = year_of(lexed.shapes[first:last], {k: v for k, v in values.items() if k != "w"})
    if n > 4:
        return When(base=Base.MONTH, n=values["M"][0], edge=Edge.END, plus=-6, plus_unit="d", **year)
    if n == 1:
        return When(base=Base.MONTH, n=values["M"][0], **year)
    when = When(base=Base.DAY, n=values["M"][0], day=16 if is_half else 7 * n - 6, **year)
    return replace(when, base=Base.DATE) if when.year else when


def build_weekday(lexed: Lexed, first: int, last: int) -> When | None:
    """Tuesday; Portuguese counts them: "terça-feira", "quinta-feira"."""
    shapes, values = lexed.shapes[first:last].strip("n"), values_of(lexed, first, last)
    if values["W"][-1] == _FEIRA:
        n = values["O"][0] - 2 if "O" in values else values["W"][0]
    else:
        n = values["W"][0]
        if shapes[0] == "O":
            return None
    return When(base=Base.WEEKDAY, n=n) if 0 <= n <= 6 else None


_FEIRA = 9


def build_weekday_of(lexed: Lexed, first: int, last: int) -> When | None:
    """The last Saturday of January, the first Monday in May, the Sunday nearest to 31 January."""
    values, shapes = values_of(lexed, first, last), lexed.shapes[first:last]
    weekday, month = values["W"][0], values["M"][0]
    if weekday == _FEIRA and len(values.get("O", ())) > 1:
        weekday = values["O"][1] - 2
    if not 0 <= weekday <= 6:
        return None
    if shapes[0] == "W":  # nearest to the end of a month; other days are not read
        is_end = "P" in shapes and ("e" in shapes or next(v for s in "NO" for v in values.get(s, (0,))) >= 28)
        return When(base=Base.WEEKDAY_OF, n=month, day=weekday) if is_end else None
    nth = 9 if "l" in values else values["O"][0]
    if not 1 <= nth <= 5 and nth != 9:
        return None
    year = year_of(shapes, {key: value for key, value in values.items() if key in "MYynt*"})
    return When(base=Base.WEEKDAY_OF, n=month, day=10 * nth + weekday, **year)


def build_day(lexed: Lexed, first: int, last: int) -> When | None:
    values = values_of(lexed, first, last)
    day = next(value for shape in "ON" for value in values.get(shape, ()))
    if not (isinstance(day, int) and 1 <= day <= 31):
        return None
    return When(base=Base.MONTH_DAY, day=day, shift=1 if "n" in values else None)


def build_week(lexed: Lexed, first: int, last: int) -> When | None:
    values = values_of(lexed, first, last)
    n = values["N"][0] if "N" in values else values["O"][0]
    if "N" not in values and n <= 5:
        return None  # "the second week" of something
    year: YearSaid = {"year": values["Y"][0]} if "Y" in values else {}
    return When(base=Base.WEEK, n=n, **year) if isinstance(n, int) and 1 <= n <= 53 else None


def build_holidays(lexed: Lexed, first: int, last: int) -> When | None:
    """Holidays have other days in each place; "break" alone is none."""
    values = values_of(lexed, first, last)
    is_break = values.get("V", [0])[0] == 1 and not values.keys() & {"S", "J", "E", "C"}
    if is_break:
        return None
    if "w" in values and "V" not in values:
        return When(base=Base.FEAST, n=GOLDEN_WEEK) if values["C"][0] == _GOLDEN else None
    return When(base=Base.MONTH, n=values["M"][0]) if "M" in values else UNDATED  # "le ferie di agosto"


_GOLDEN = 5  # the value of the word


def build_week_on(lexed: Lexed, first: int, last: int) -> When | None:
    """A week after a day: "tomorrow week", "Monday week", "lundi en huit"."""
    values = values_of(lexed, first, last)
    if "N" in values and (values["N"][0] not in {8, 15} or lexed.folded[lexed.starts[last - 2] :][:3] != "en "):
        return None  # "Thursday at 2", "lundi à 8 heures"
    days = 14 if values.get("N", [8])[0] == 15 else 7
    day = build_weekday(lexed, first, first + lexed.shapes[first:last].rindex("W") + 1) if "W" in values else None
    if "W" in values:
        return day and replace(day, plus=days, plus_unit="d")
    return When(base=Base.UNIT, unit="d", shift=1, plus=days, plus_unit="d")


def build_feast(lexed: Lexed, first: int, last: int) -> When:
    values = values_of(lexed, first, last)
    if "J" not in values:
        n = values.get("E", values.get("C", [0]))[0]
        return When(base=Base.FEAST, n=n, **year_of(lexed.shapes[first:last], values))
    if values["J"][0] == 1225:
        return When(base=Base.FEAST, n=CHRISTMAS, **year_of(lexed.shapes[first:last], values))
    month, day = divmod(values["J"][0], 100)
    year = year_of(lexed.shapes[first:last], values)
    return When(base=Base.DATE if year.get("year") else Base.DAY, n=month, day=day, **year)


_CHINESE = 2  # the value of the word


def build_gone(lexed: Lexed, first: int, last: int) -> When:
    """A placeholder, or a new year that is not the first of January; the Chinese one has its table."""
    values = values_of(lexed, first, last)
    if values.get("C", [0])[0] != _CHINESE:
        return UNDATED
    return When(base=Base.FEAST, n=SPRING_FESTIVAL)


def build_sales_day(lexed: Lexed, _: int, last: int) -> When | None:
    """Black Friday, Cyber Monday."""
    feast = {4: BLACK_FRIDAY, 0: CYBER_MONDAY}.get(lexed.values[last - 1])
    return When(base=Base.FEAST, n=feast) if feast else None

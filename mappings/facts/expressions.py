"""The matched symbols of a time expression -> what it means. One function a rule of `mappings.facts.grammar`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypedDict

from mappings.facts.lexer import Lexed
from mappings.facts.mention import UNDATED, Base, Edge, When

_EDGE_BEFORE = re.compile(r"[ebcz]o{0,2}$")
CHRISTMAS = 3  # which feast it is
MANY = 9  # the value of a plural
EDGES = {"e": Edge.END, "b": Edge.START, "c": Edge.MID, "z": Edge.LATE, "g": Edge.MID}


def _values(lexed: Lexed, first: int, last: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for place in range(first, last):
        found.setdefault(lexed.shapes[place], []).append(lexed.values[place])
    return found


class _Year(TypedDict, total=False):
    year: int | None
    shift: int | None


def _year(shapes: str, values: dict[str, list[Any]]) -> _Year:
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


def _date(lexed: Lexed, first: int, _: int) -> When | None:
    a, b, year, separator = (*lexed.values[first], "iso")[:4]
    if separator == "iso":
        return When(base=Base.DATE, year=a, n=b, day=year)
    if year is None and lexed.language not in {"en", "ja"} and 24 <= b <= 39 and b != 31:
        return When(base=Base.MONTH, n=a, year=2000 + b)  # 06/27 where the day stands first
    return When(base=Base.NUMERIC, n=a, day=b, year=year, separator=separator, language=lexed.language)


def _ym(lexed: Lexed, first: int, last: int) -> When:
    year, month = lexed.values[first]
    edge = EDGES.get(lexed.shapes[last - 1], Edge.START)
    return When(base=Base.MONTH, n=month, year=year, edge=edge)


def _is_in(lexed: Lexed, place: int) -> bool:
    """The English "in", which no day of a month follows."""
    return lexed.shapes[place] == "i" and lexed.values[place] == 1


def _month_day(lexed: Lexed, first: int, last: int) -> When | None:
    values = _values(lexed, first, last)
    day = next(value for shape in "NO" for value in values.get(shape, ()))
    if not (isinstance(day, int) and 1 <= day <= 31):
        return None
    if 24 <= day <= 39 and first and lexed.shapes[first:last] == "MN" and _is_in(lexed, first - 1):
        return When(base=Base.MONTH, n=values["M"][0], year=2000 + day)  # "in Dec 26"
    if 24 <= day <= 39 and lexed.shapes[first:last] == "MN" and _EDGE_BEFORE.search(lexed.shapes, 0, first):
        return When(base=Base.MONTH, n=values["M"][0], year=2000 + day)  # "end of June 27"
    when = When(base=Base.DAY, n=values["M"][0], day=day, **_year(lexed.shapes[first:last], values))
    return replace(when, base=Base.DATE) if when.year else when


def _nth_week(lexed: Lexed, first: int, last: int) -> When:
    values = _values(lexed, first, last)
    n = values["O"][0] if "O" in values else 9
    if "h" in values:
        n = 1 if n == 1 else 3
    year = _year(lexed.shapes[first:last], {k: v for k, v in values.items() if k != "w"})
    if n > 4:
        return When(base=Base.MONTH, n=values["M"][0], edge=Edge.END, plus=-6, plus_unit="d", **year)
    if n == 1:
        return When(base=Base.MONTH, n=values["M"][0], **year)
    when = When(base=Base.DAY, n=values["M"][0], day=7 * n - 6, **year)
    return replace(when, base=Base.DATE) if when.year else when


def _period(base: Base, symbol: str) -> Callable[[Lexed, int, int], When | None]:
    def build(lexed: Lexed, first: int, last: int) -> When | None:
        values = _values(lexed, first, last)
        n = values[symbol][0] if symbol in values else next((v for s in "ON" for v in values.get(s, ())), 0)
        if not 1 <= n <= {Base.QUARTER: 4, Base.HALF: 2}.get(base, 12):
            return None
        year = _year(lexed.shapes[first:last], values)
        return When(base=base, n=int(n), unit="" if year or "n" not in values else "n", **year)

    return build


def _end_of(lexed: Lexed, first: int, last: int) -> When | None:
    """EOM March, EOQ 2, EOY 2027: an edge in short and what it is the edge of."""
    when = BUILD[{"m": "month", "q": "quarter", "y": "year"}[lexed.shapes[first + 1]]](lexed, first + 2, last)
    return when and replace(when, edge=EDGES[lexed.shapes[first]])


def _fiscal(lexed: Lexed, first: int, last: int) -> When:
    """FY27, FY27 Q2, next fiscal year, second quarter of the next fiscal year."""
    values = _values(lexed, first, last)
    shapes = lexed.shapes[first:last]
    language = lexed.language if lexed.language == "ja" else ""
    year = values.get("F", values.get("Y", values.get("N" if "j" in values and "q" not in values else "F", [None])))[0]
    if year is not None and year < 100:
        year += 2000
    is_this = "t" in values or not values.keys() & {"n", "*"}
    shift = None if year else 0 if is_this else 1
    for symbol, base in (("Q", Base.QUARTER), ("q", Base.QUARTER), ("H", Base.HALF), ("h", Base.HALF)):
        if symbol in values:
            ordinal = next((v for s in ("Q", "H", "O", "N") for v in values.get(s, ())), 0)
            if not ordinal:
                return When(base=Base.UNIT, unit=symbol, shift=shift, fiscal=True)
            if year is None and "j" not in values and "y" not in values:
                shift = None
            return When(base=base, n=ordinal, year=year, shift=shift, fiscal=True, language=language)
    if year is not None:
        return When(base=Base.YEAR, year=year, fiscal=True, language=language)
    return When(base=Base.UNIT, unit="y", shift=shift, fiscal=True, edge=EDGES.get(shapes[0], Edge.START))


_WEEKS_IN_FRENCH = {8: 1, 15: 2}
"""What "huit jours" and "quinze jours" mean, unlike "8 jours"."""


def _is_in_words(lexed: Lexed, first: int, last: int) -> bool:
    place = lexed.shapes.index("N", first, last)
    return 2 < lexed.ends[place] - lexed.starts[place] <= len("quinze")


def _span(lexed: Lexed, first: int, last: int) -> When | None:
    values = _values(lexed, first, last)
    unit = next(shape for shape in lexed.shapes[first:last] if shape in "dwmqhy")
    if lexed.language == "en" and "k" in values and values[unit][0] != MANY:
        return None  # "some day"
    counts = [*values.get("N", ()), *values.get("k", ()), 1]
    count = counts[0]
    if lexed.language == "fr" and unit == "d" and count in _WEEKS_IN_FRENCH and _is_in_words(lexed, first, last):
        return When(base=Base.SPAN, n=_WEEKS_IN_FRENCH[count], unit="w")
    if len(values.get("N", ())) == 2 and count >= 10 and counts[1] < 10 and count % 10 == 0:
        count += counts[1]  # twenty-four, dix-huit
    if "&" in values and values.keys() & {"h", "g"}:
        count += 0.5
    if "G" in values:
        count += 0.5
    if isinstance(count, float) and unit == "m":
        return When(base=Base.SPAN, n=int(count), unit="m", plus=15, plus_unit="d")
    if isinstance(count, float):
        count, unit = int(count * {"y": 12, "q": 3, "h": 6, "w": 7}.get(unit, 1)), "m" if unit in "yqh" else "d"
    return When(base=Base.SPAN, n=count, unit=unit) if 0 < count <= 1200 else None


def _unit(lexed: Lexed, first: int, last: int) -> When:
    values = _values(lexed, first, last)
    shapes = lexed.shapes[first:last]
    unit = next(shape for shape in shapes if shape in "dwmqhy")
    if "n" in values and MANY in (values["n"][0], values[unit][0]):
        return UNDATED  # "in the coming months"
    shift = 2 if "An" in shapes else (values["n"][0] or 1) if "n" in values else 1 if "*" in values else 0
    edge = next((EDGES[shape] for shape in shapes if shape in EDGES), Edge.START)
    if shapes[0] == "b" and not shift and "t" not in values:
        shift = 1  # "at the beginning of the year" is the next one's
    return When(base=Base.UNIT, unit=unit, shift=shift, edge=edge)


def _past(lexed: Lexed, first: int, last: int) -> When:
    """ "Last March", "two years ago" name no day to come, but perhaps that of a signature."""
    values = _values(lexed, first, last)
    if "M" in values:
        return When(base=Base.MONTH, n=values["M"][0])
    unit = next((shape for shape in lexed.shapes[first:last] if shape in "mqhy"), "")
    count = next((value for shape in "Nk" for value in values.get(shape, ())), None)
    if not unit or isinstance(count, float):
        return UNDATED
    if "l" in values:
        return UNDATED if count else When(base=Base.UNIT, unit=unit, shift=-1)
    return When(base=Base.SPAN, n=-(count or 1), unit=unit)


def _weekday(lexed: Lexed, first: int, last: int) -> When | None:
    """Tuesday; Portuguese counts them: "terça-feira", "quinta-feira"."""
    shapes, values = lexed.shapes[first:last].strip("n"), _values(lexed, first, last)
    if values["W"][-1] == _FEIRA:
        n = values["O"][0] - 2 if "O" in values else values["W"][0]
    else:
        n = values["W"][0]
        if shapes[0] == "O":
            return None
    return When(base=Base.WEEKDAY, n=n) if 0 <= n <= 6 else None


_FEIRA = 9


def _weekday_of(lexed: Lexed, first: int, last: int) -> When | None:
    """The last Saturday of January, the first Monday in May, the Sunday nearest to 31 January."""
    values, shapes = _values(lexed, first, last), lexed.shapes[first:last]
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
    year = _year(shapes, {key: value for key, value in values.items() if key in "MYynt*"})
    return When(base=Base.WEEKDAY_OF, n=month, day=10 * nth + weekday, **year)


def _day(lexed: Lexed, first: int, last: int) -> When | None:
    values = _values(lexed, first, last)
    day = next(value for shape in "ON" for value in values.get(shape, ()))
    if not (isinstance(day, int) and 1 <= day <= 31):
        return None
    return When(base=Base.MONTH_DAY, day=day, shift=1 if "n" in values else None)


def _week(lexed: Lexed, first: int, last: int) -> When | None:
    values = _values(lexed, first, last)
    n = values["N"][0] if "N" in values else values["O"][0]
    if "N" not in values and n <= 5:
        return None  # "the second week" of something
    year: _Year = {"year": values["Y"][0]} if "Y" in values else {}
    return When(base=Base.WEEK, n=n, **year) if isinstance(n, int) and 1 <= n <= 53 else None


def _holidays(lexed: Lexed, first: int, last: int) -> When | None:
    """Holidays have other days in each place; "break" alone is none."""
    values = _values(lexed, first, last)
    is_break = values.get("V", [0])[0] == 1 and not values.keys() & {"S", "J", "E", "C"}
    is_week = "w" in values and "V" not in values and values["C"][0] != _GOLDEN
    if is_break or is_week:
        return None
    return When(base=Base.MONTH, n=values["M"][0]) if "M" in values else UNDATED  # "le ferie di agosto"


_GOLDEN = 5


def _week_on(lexed: Lexed, first: int, last: int) -> When | None:
    """A week after a day: "tomorrow week", "Monday week", "lundi en huit"."""
    values = _values(lexed, first, last)
    if "N" in values and (lexed.language != "fr" or values["N"][0] not in {8, 15}):
        return None
    days = 14 if values.get("N", [8])[0] == 15 else 7
    day = _weekday(lexed, first, first + lexed.shapes[first:last].rindex("W") + 1) if "W" in values else None
    if "W" in values:
        return day and replace(day, plus=days, plus_unit="d")
    return When(base=Base.UNIT, unit="d", shift=1, plus=days, plus_unit="d")


def _feast(lexed: Lexed, first: int, last: int) -> When:
    values = _values(lexed, first, last)
    if "J" not in values:
        return When(
            base=Base.FEAST, n=values.get("E", values.get("C", [0]))[0], **_year(lexed.shapes[first:last], values)
        )
    if values["J"][0] == 1225:
        return When(base=Base.FEAST, n=CHRISTMAS, **_year(lexed.shapes[first:last], values))
    month, day = divmod(values["J"][0], 100)
    year = _year(lexed.shapes[first:last], values)
    return When(base=Base.DATE if year.get("year") else Base.DAY, n=month, day=day, **year)


BUILD: dict[str, Callable[[Lexed, int, int], When | None]] = {
    "past": _past,
    "gone": lambda *_: UNDATED,
    "date": _date,
    "ym": _ym,
    "fiscal": _fiscal,
    "holidays": _holidays,
    "week_on": _week_on,
    "nth": _nth_week,
    "month_end": _end_of,
    "quarter_end": _end_of,
    "year_end": _end_of,
    "monthday": _month_day,
    "month": _period(Base.MONTH, "M"),
    "quarter": _period(Base.QUARTER, "Q"),
    "half": _period(Base.HALF, "H"),
    "season": _period(Base.SEASON, "S"),
    "gspan": lambda *_: When(base=Base.SPAN, n=6, unit="m"),
    "year_on": lambda *_: When(base=Base.SPAN, n=1, unit="y"),
    "span": _span,
    "unit": _unit,
    "weekday": _weekday,
    "weekday_of": _weekday_of,
    "day": _day,
    "week": _week,
    "feast": _feast,
    "year": lambda lexed, _, last: When(base=Base.YEAR, year=lexed.values[last - 1]),
}

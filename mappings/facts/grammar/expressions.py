"""The matched symbols of a time expression -> what it means. One function a rule of `mappings.facts.grammar.times`.

Days and weeks stand in `mappings.facts.grammar.days`; periods and spans here.
"""

from __future__ import annotations

from collections.abc import Callable

from mappings.facts.grammar.days import (
    build_date,
    build_day,
    build_feast,
    build_gone,
    build_holidays,
    build_month_day,
    build_nth_week,
    build_sales_day,
    build_week,
    build_week_on,
    build_weekday,
    build_weekday_of,
)
from mappings.facts.grammar.said_values import EDGES, MANY, values_of, year_of
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.mention import UNDATED, Base, Edge, When
from mappings.values import replace


def _ym(lexed: Lexed, first: int, last: int) -> When:
    year, month = lexed.values[first]
    edge = EDGES.get(lexed.shapes[last - 1], Edge.START)
    return When(base=Base.MONTH, n=month, year=year, edge=edge)


def _period(base: Base, symbol: str) -> Callable[[Lexed, int, int], When | None]:
    def build(lexed: Lexed, first: int, last: int) -> When | None:
        values = values_of(lexed, first, last)
        n = values[symbol][0] if symbol in values else next((v for s in "ON" for v in values.get(s, ())), 0)
        if not 1 <= n <= {Base.QUARTER: 4, Base.HALF: 2}.get(base, 12):
            return None
        year = year_of(lexed.shapes[first:last], values)
        language = "ja" if base is Base.HALF and lexed.language == "ja" else ""
        return When(base=base, n=int(n), unit="" if year or "n" not in values else "n", language=language, **year)

    return build


def _end_of(lexed: Lexed, first: int, last: int) -> When | None:
    """EOM March, EOQ 2, EOY 2027: an edge in short and what it is the edge of."""
    when = BUILD[{"m": "month", "q": "quarter", "y": "year"}[lexed.shapes[first + 1]]](lexed, first + 2, last)
    return when and replace(when, edge=EDGES[lexed.shapes[first]])


def _fiscal(lexed: Lexed, first: int, last: int) -> When:
    """FY27, FY27 Q2, next fiscal year, second quarter of the next fiscal year."""
    values = values_of(lexed, first, last)
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
    values = values_of(lexed, first, last)
    unit = next(shape for shape in lexed.shapes[first:last] if shape in "dwmqhy")
    if lexed.language == "en" and "k" in values and values[unit][0] != MANY:
        return None  # "some day"
    if not values.keys() & {"N", "k", "a", "G"} and values[unit][0] == MANY:
        return None  # "more months"
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


_OF_SCHOOLS = 4  # the value of "school"


def _unit(lexed: Lexed, first: int, last: int) -> When:
    values = values_of(lexed, first, last)
    shapes = lexed.shapes[first:last]
    unit = next(shape for shape in shapes if shape in "dwmqhy")
    if unit == "y" and _OF_SCHOOLS in values.get("o", ()):
        return UNDATED  # "at the end of the school year"
    if "n" in values and MANY in (values["n"][0], values[unit][0]):
        return UNDATED  # "in the coming months"
    shift = 2 if "An" in shapes else (values["n"][0] or 1) if "n" in values else 1 if "*" in values else 0
    edge = next((EDGES[shape] for shape in shapes if shape in EDGES), Edge.START)
    if shapes[0] == "b" and not shift and "t" not in values:
        shift = 1  # "at the beginning of the year" is the next one's
    return When(base=Base.UNIT, unit=unit, shift=shift, edge=edge)


def _past(lexed: Lexed, first: int, last: int) -> When:
    """ "Last March", "two years ago" name no day to come, but perhaps that of a signature."""
    values = values_of(lexed, first, last)
    if "M" in values:
        return When(base=Base.MONTH, n=values["M"][0])
    unit = next((shape for shape in lexed.shapes[first:last] if shape in "mqhy"), "")
    count = next((value for shape in "Nk" for value in values.get(shape, ())), None)
    if not unit or isinstance(count, float):
        return UNDATED
    if "l" in values:
        return UNDATED if count else When(base=Base.UNIT, unit=unit, shift=-1)
    return When(base=Base.SPAN, n=-(count or 1), unit=unit)


BUILD: dict[str, Callable[[Lexed, int, int], When | None]] = {
    "past": _past,
    "gone": build_gone,
    "sales_day": build_sales_day,
    "date": build_date,
    "ym": _ym,
    "fiscal": _fiscal,
    "holidays": build_holidays,
    "week_on": build_week_on,
    "nth": build_nth_week,
    "month_end": _end_of,
    "quarter_end": _end_of,
    "year_end": _end_of,
    "monthday": build_month_day,
    "month": _period(Base.MONTH, "M"),
    "quarter": _period(Base.QUARTER, "Q"),
    "half": _period(Base.HALF, "H"),
    "season": _period(Base.SEASON, "S"),
    "gspan": lambda *_: When(base=Base.SPAN, n=6, unit="m"),
    "year_on": lambda *_: When(base=Base.SPAN, n=1, unit="y"),
    "span": _span,
    "unit": _unit,
    "weekday": build_weekday,
    "weekday_of": build_weekday_of,
    "day": build_day,
    "week": build_week,
    "feast": build_feast,
    "year": lambda lexed, _, last: When(base=Base.YEAR, year=lexed.values[last - 1]),
}

"""Time expressions that stand side by side and name one day: "two weeks after Easter"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mappings.facts.grammar.times import Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import CONTRACT, ENDS, EXPIRY
from mappings.facts.meaning.neighbours import has_cue
from mappings.facts.mention import Base, Edge
from mappings.values import replace

_POINTS = frozenset({Base.DATE, Base.NUMERIC, Base.DAY, Base.FEAST, Base.MONTH_DAY, Base.WEEKDAY})
_COUNTED_FROM = frozenset({Base.SPAN, Base.NONE})


def joined(times: Iterable[Found]) -> list[Found]:
    """The expressions in order, a span and the day it is counted from as one."""
    kept: list[Found] = []
    for found in times:
        last = kept[-1] if kept else None
        if last is not None and last.last == found.first and (week := _day_of_week(last, found)):
            kept[-1] = week
        elif last is not None and _is_weekday_of(last, found):
            kept[-1] = replace(found, first=last.first, core=last.core, lead=last.lead)
        elif last is not None and _is_weekday_after(last, found):
            when = replace(found.when, edge=Edge.START, plus=1, plus_unit=f"wd{last.when.n}")
            kept[-1] = replace(found, when=when, first=last.first, core=last.core, lead=last.lead)
        elif last is not None and _is_years_end(last, found):
            kept[-1] = replace(found, first=last.first, core=found.core, is_years_end=True)
        elif last is not None and _is_rate(last, found):
            kept.pop()
        elif last is not None and last.rule == "span" and last.last == found.first and _is_counted_from(found):
            kept[-1] = _counted(last, found)
        else:
            kept.append(found)
    return kept


def _day_of_week(first: Found, second: Found) -> Found | None:
    """ "Thursday next week", "next week Thursday"."""
    week, day = (first, second) if first.when.unit == "w" else (second, first)
    if (week.when.base, week.when.unit, day.when.base) != (Base.UNIT, "w", Base.WEEKDAY):
        return None
    when = replace(week.when, plus=day.when.n, plus_unit="d")
    return replace(week, when=when, first=first.first, core=first.core, last=second.last, lead=first.lead)


def _is_weekday_of(first: Found, second: Found) -> bool:
    """ "Monday 20 July": the weekday only repeats what the date says."""
    is_day = second.rule in {"monthday", "date"} and not second.lead.strip("i")
    return first.when.base is Base.WEEKDAY and is_day and second.first - first.last <= 1


_FROM_AN_EVENT = re.compile(
    r"\s(?:(?P<before>before|vor|avant|antes de|prima di|voor)|after|nach|apres|despues de|depois de|na|dopo)\s"
    r"[^.;,()]{2,40}?\s?\(?"
)


def counted_from_events(folded: str, lexed: Lexed, times: Sequence[Found]) -> list[Found]:
    """The times, a span as one with the date of the event it is counted from: "six months after go-live (Oct 2026)"."""
    kept: list[Found] = []
    for found in times:
        last = kept[-1] if kept else None
        if last is not None and last.last == found.first and (rest := _rest_of_term(folded, lexed, last, found)):
            kept[-1] = rest
            continue
        if last is not None and last.rule == "span" and not last.lead and _is_datable(found):
            between = folded[lexed.ends[last.last - 1] : lexed.starts[found.first]]
            event = _FROM_AN_EVENT.fullmatch(between)
            if event and not has_cue(lexed, last.last, found.first, CONTRACT | EXPIRY | ENDS):
                count = last.when.n if event["before"] is None else -last.when.n
                kept[-1] = replace(
                    last, when=replace(found.when, plus=count, plus_unit=last.when.unit), last=found.last
                )
                kept[-1].rule = found.rule
                continue
        kept.append(found)
    return kept


_MONTHS = {"m": 1, "q": 3, "h": 6, "y": 12}


def _rest_of_term(folded: str, lexed: Lexed, gone: Found, term: Found) -> Found | None:
    """ "Two years into a five-year contract": what is left of it."""
    if gone.rule != "span" or term.rule != "span" or not folded.startswith("into", lexed.starts[term.first]):
        return None
    left = term.when.n * _MONTHS.get(term.when.unit, 0) - gone.when.n * _MONTHS.get(gone.when.unit, 0)
    is_known = gone.when.unit in _MONTHS and left > 0
    if not is_known or not has_cue(lexed, term.last, min(term.last + 2, len(lexed.cues)), CONTRACT):
        return None
    return replace(term, when=replace(term.when, n=left, unit="m"), first=gone.first, core=gone.core, lead="i")


def _is_datable(found: Found) -> bool:
    return found.when.base not in _COUNTED_FROM and found.rule not in {"past", "year", "weekday"}


def _is_weekday_after(first: Found, second: Found) -> bool:
    """ "The Monday after Thanksgiving", "der Montag nach dem 3. Oktober"."""
    is_beside = first.last == second.first and second.lead[:1] == "A"
    return is_beside and first.when.base is Base.WEEKDAY and second.when.base in _POINTS - {Base.WEEKDAY}


def _is_years_end(first: Found, second: Found) -> bool:
    """ "Year end is 31 August": the day on which their year ends, if nothing asks for a call then."""
    when = first.when
    is_end = (when.base, when.unit, when.edge) == (Base.UNIT, "y", Edge.END) and not (when.shift or first.lead)
    return is_end and second.rule in _DAYS_OF_A_YEAR and second.first - first.last <= 1 and not second.when.year


_DAYS_OF_A_YEAR = frozenset({"month", "monthday", "date"})


def _is_rate(first: Found, second: Found) -> bool:
    """ "Three days a month": how much, not when."""
    is_beside = first.last == second.first == second.core and second.last - second.core == _A_MONTH
    return is_beside and first.rule == second.rule == "span" and second.when.n == 1


_A_MONTH = 2  # symbols


def _is_counted_from(found: Found) -> bool:
    return found.lead[:1] in {"A", "B"} and found.when.base not in _COUNTED_FROM and found.rule != "past"


def _counted(span: Found, origin: Found) -> Found:
    """The day so long after or before the other; a period is over before one counts on from it."""
    sign = 1 if origin.lead[0] == "A" else -1
    edge = Edge.START if origin.when.edge is Edge.AFTER and origin.when.base in _POINTS else origin.when.edge
    when = replace(origin.when, edge=edge, plus=sign * span.when.n, plus_unit=span.when.unit)
    return replace(origin, when=when, first=span.first, core=span.core, lead=span.lead)

"""A month and a year of two figures that look like a day: "contract: 05/28", "renewal Mar-28".

A contract seldom ends on the 28th of a month that has more days, and who writes "05/28" fills two places, as forms and
cards have them. So with a contract's end such figures are read as month and year: behind a dash ("Mar-28", as
spreadsheets write it) or with a leading zero ("05/28"). "5/28" and "11/27" stay days, and so do the last days of a
month ("06/30", "Sep-30"): the earlier of two readings is the one that misses no contract. Where a country puts the day
first, "5/28" can be no day (`mappings.facts.arithmetic`).
"""

from __future__ import annotations

from calendar import monthrange

from mappings.facts.grammar.times import Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.mention import Base, When

_LEAP = 2028  # a year with a 29 February
_YEARS = range(26, 40)


def as_month_of_year(lexed: Lexed, found: Found) -> When:
    """What the end of a contract means where a day of a month may be a year; else the time as it is."""
    when = found.when
    if when.year is not None or when.base not in _IN_FIGURES or lexed.language != "en":
        return when
    month, year, start = when.n, when.day, lexed.starts[found.core]
    if year not in _YEARS or not 1 <= month <= 12:
        return when
    is_written_so = lexed.folded[start] == "0" if when.base is Base.NUMERIC else _is_behind_a_dash(lexed, found)
    if not is_written_so or year in {monthrange(_LEAP, month)[1], 28 if month == 2 else 0}:
        return when
    return When(base=Base.MONTH, n=month, year=2000 + year, edge=when.edge)


_IN_FIGURES = frozenset({Base.NUMERIC, Base.DAY})


def _is_behind_a_dash(lexed: Lexed, found: Found) -> bool:
    """ "Mar-28", and not "28-Mar"."""
    return lexed.shapes[found.core : found.last] == "MN" and lexed.folded[lexed.ends[found.core]] == "-"

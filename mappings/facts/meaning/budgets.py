"""What a date says of a budget: the start or the end of its year, money that is gone, or a day to have it reviewed."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BUDGET, ENDS, NOT, PLAN, RESET, STARTS
from mappings.facts.meaning.kinds import ends_in
from mappings.facts.meaning.neighbours import is_start_of_new_year
from mappings.facts.mention import UNDATED, Base, DateMention, Edge, Role, When
from mappings.values import replace

_DAYS_OR_MONTHS = {Base.MONTH, Base.DAY, Base.DATE, Base.NUMERIC, Base.WEEKDAY_OF}
_RANGE_ON = re.compile(r"[iUuo&]{0,2}M|[iUo]{1,3}(?:[NO]o?M|MN|D)")
_RANGE_BEGUN = re.compile(r"M[iUuo&]{0,2}M$|(?:D|MN|[NO]o?M)[iUo]{1,3}(?:[NO]o?M|MN|D)$")
_QUARTER_BEGUN = re.compile(r"(?:fo?Q|Qo{0,3}f)_[iUo]{0,2}$")
_IS_THE_YEAR = re.compile(r"[o_]{0,4}j,?i?o?(?:M[NO]?|[NO]oM|D)")
_NEAR = 12  # symbols before a time in which an "until" is its own


def read_budget(lexed: Lexed, found: Found, context: Context, mention: DateMention) -> DateMention | None:
    """A fiscal year that starts or ends then, money that is gone for this year, or a date to have it reviewed."""
    when = found.when
    if when.base is Base.UNIT and not when.shift and when.edge is Edge.START and when.unit in "yqh":
        return replace(mention, when=UNDATED) if context.sentence & (NOT | BUDGET) else None
    year = context.has_year
    if when.base not in _DAYS_OR_MONTHS or (context.clause & NOT and not year):
        return replace(mention, when=UNDATED) if _is_without_money(lexed, found, context) else mention
    turn = ends_in(context)
    if when.base is Base.WEEKDAY_OF and year and not turn:  # "fiscal year: last Saturday of January"
        is_first = 10 <= when.day < 90
        return replace(mention, role=Role.YEAR_STARTS if is_first else Role.YEAR_ENDS)
    if found.is_years_end:
        return replace(mention, role=Role.YEAR_ENDS)
    if (
        is_start_of_new_year(lexed, found)
        or _is_starting(lexed, found)
        or (turn != ENDS and _IS_THE_YEAR.fullmatch(lexed.shapes, context.first, context.last))
    ):
        return replace(mention, role=Role.YEAR_STARTS)  # "until the new fiscal year (1 July)", "fiscal year: 1 July"
    own_months = _own(lexed, found).count("M")
    if own_months < 2 and (year or turn == ENDS) and _RANGE_BEGUN.search(lexed.shapes, context.first, found.last):
        return None  # March, of "April to March"
    is_range = own_months > 1 or _RANGE_ON.match(lexed.shapes, found.last)
    if (year or turn == ENDS) and is_range:
        return replace(mention, role=Role.YEAR_STARTS)
    if year and (turn == ENDS or "e" in lexed.shapes[context.first : found.first]):
        return replace(mention, role=Role.YEAR_ENDS)
    is_new = "*" in lexed.shapes[max(context.first, found.first - 6) : found.last + 2] and not context.clause & PLAN
    if (turn == STARTS and (year or context.clause & RESET)) or (is_new and turn != ENDS):
        return replace(mention, role=Role.YEAR_STARTS, when=_less_its_quarters(lexed, found, context))
    return mention


def _less_its_quarters(lexed: Lexed, found: Found, context: Context) -> When:
    """ "Their fiscal Q2 starts in July": the year started a quarter before."""
    begun = _QUARTER_BEGUN.search(lexed.shapes, context.first, found.first)
    quarters = lexed.values[lexed.shapes.index("Q", begun.start())] - 1 if begun else 0
    return replace(found.when, plus=-3 * quarters, plus_unit="m") if quarters else found.when


_STARTING = re.compile(r"(?:starting|beginning|commencing|effective|from|ab|beginnend|des|a partir|desde|vanaf|dal?)\b")


def _is_starting(lexed: Lexed, found: Found) -> bool:
    """ "The next fiscal year starting in April"."""
    is_behind = found.first > 0 and lexed.shapes[found.first - 1] == "j"
    return is_behind and _STARTING.match(lexed.folded, lexed.starts[found.first]) is not None


def _is_without_money(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "No budget for 2027" names the year that has none, "no budget until 2027" the one that has some."""
    if lexed.language == "ja" and lexed.shapes[found.last : found.last + 1] == "U":
        return False
    if "U" in lexed.shapes[max(context.first, found.first - _NEAR) : found.first]:
        return False  # "no money until the budget passes in July"
    first, last = lexed.starts[context.first], lexed.ends[min(context.last, len(lexed.ends)) - 1]
    is_none = (
        context.clause & NOT
        or _FROZEN.search(lexed.folded, first, lexed.starts[found.first])
        or _SPOKEN_FOR.search(lexed.folded, first, last)
    )
    is_then = found.when.edge is Edge.START or (found.lead == "i" and not context.clause & NOT)
    return bool(is_none) and is_then and not set(found.lead) & {"U", "B", "A"}


# "Budget frozen Q4": the quarter in which there is none; "freeze at the end of the quarter": when it began.
_FROZEN = re.compile(
    r"(?:\b(?:frozen|freeze|eingefroren|gesperrt|gelee?s?|bloquee?s?|congelad[oa]s?|bloquead[oa]s?|bevroren|bloccat[oaie]|congelat[oaie])"
    r"\b|凍結)[^.;,]{0,24}$"
)


# "The budget for 2027 is already allocated": that year's money is gone, or in place.
_SPOKEN_FOR = re.compile(
    r"""\b(?:
      (?:already|fully|entirely|completely|all|is|are|has\sbeen|have\sbeen|was|were)\s(?:already\s|fully\s|all\s|been\s){0,2}
      (?:allocated|committed|spoken\sfor|spent|assigned|used\sup|earmarked|exhausted|gone)
    | (?:bereits|schon|komplett|voll(?:standig)?)\s(?:\w+\s)?
      (?:verplant|ausgegeben|vergeben|zugeteilt|aufgebraucht|verteilt)
    | (?:deja|entierement)\s(?:ete\s)?(?:alloue|engage|depense|consomme|affecte)e?s?
    | (?:ya|totalmente)\s(?:esta\s|esta\stodo\s)?(?:asignad|comprometid|gastad|agotad|repartid)[oa]s?
    | (?:ja|totalmente)\s(?:esta\s|foi\s)?(?:alocad|comprometid|gast|esgotad|distribuid)[oa]s?
    | (?:al|volledig|reeds)\s(?:besteed|toegewezen|vergeven|verdeeld|uitgegeven)
    | (?:gia|completamente)\s(?:stat[oi]\s)?(?:allocat|impegnat|spes|esaurit|assegnat)[oaie]
    )\b|(?:配分|割り?当て|使い切|消化)(?:済|っ|し)""",
    re.VERBOSE,
)


def _own(lexed: Lexed, found: Found) -> str:
    return lexed.shapes[found.core : found.last]

"""Times of what somebody waits for: an event that has to be over first, a contract on hold, a budget being planned."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mappings.facts.grammar.times import Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BLOCK,
    BOUND,
    BUDGET,
    CALL,
    CONTRACT,
    DONE,
    EVENT,
    EXPIRY,
    LATER,
    NOT,
    NOTICE,
    ONLY,
    PAST,
    PUT,
    STARTS,
    TOLD,
    WAIT,
)
from mappings.facts.meaning.neighbours import has_cue, is_in_brackets
from mappings.facts.mention import Base


def waits_for_it(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Go-live is in April, after that they have time": the event's date is the one."""
    end = lexed.shapes.find(",", found.last, found.last + 6)
    is_behind = end > 0 and lexed.shapes[end + 1 : end + 2] == "A" and not context.clause & BLOCK
    return is_behind or _comes_only_after_it(lexed, found, context)


def is_of_what_is_waited_for(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Circle back when their trial ends (mid December)"."""
    if not is_in_brackets(lexed, found) or context.sentence & (CONTRACT | EXPIRY | BOUND | NOTICE | BUDGET):
        return False
    is_waited_for = has_cue(lexed, context.first, found.first, WAIT | LATER)
    start = lexed.starts[found.first]
    is_expected = _EXPECTED.search(lexed.folded, max(start - 24, 0), start) is not None
    return is_waited_for and not context.clause & (PAST | BLOCK | TOLD | (0 if is_expected else DONE))


_EXPECTED = re.compile(
    r"\b(?:expected|planned|scheduled|estimated|projected|erwartet|geplant|prevue?|previst[oa]|gepland|verwacht)\s$"
)


def _comes_only_after_it(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Interested, but only after the migration at the end of October", "wait until the new head starts on 3 May"."""
    opened = max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1)
    if _AFTER_AN_EVENT.search(lexed.shapes, opened, found.first) is None:
        return False
    if context.clause & BLOCK and "U" not in lexed.shapes[opened : found.first]:
        return bool(context.clause & CALL)
    return bool(context.sentence & (ONLY | CALL | LATER) or has_cue(lexed, opened, found.first, NOT))


_AFTER_AN_EVENT = re.compile(r"[AU][o_*]{1,6}$")


def is_asked_once_it_turns(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> bool:
    """ "Once the new fiscal year begins on 1 July, call us": the day it starts is said, and so is what to do then."""
    if found.when.base is not Base.UNIT or context.clause & CALL or not context.sentence & CALL:
        return False
    end = lexed.shapes.find(",", found.last, context.last)
    if end < 0 or not has_cue(lexed, max(found.first - 3, context.first), found.core, WAIT):
        return False
    is_dated = any(found.last < other.first < end for other in times)
    return is_dated and has_cue(lexed, found.last, end, STARTS) and has_cue(lexed, end, context.last, CALL)


def is_held_up(lexed: Lexed, place: int, found: Found) -> bool:
    """ "Contract on hold until Q3": ours, which is not signed yet."""
    return "U" in found.lead and place < found.first and has_cue(lexed, place + 1, found.first, PUT | LATER)


def is_of_a_budget(lexed: Lexed, place: int, context: Context, found: Found) -> bool:
    """Whether what is planned, reviewed or voted is a budget."""
    if _TO_DO.match(lexed.folded, lexed.ends[place]):
        return False  # "they plan to open twelve stores in 2027"
    if context.clause & STARTS or context.has_year or _is_planning(lexed, place, context):
        return True
    return bool(context.sentence & BUDGET) and is_in_brackets(lexed, found)


_TO_DO = re.compile(r"\sto\s(?!(?:review|re-?open|revisit|look)\b)")


def _is_planning(lexed: Lexed, place: int, context: Context) -> bool:
    """ "Their fiscal year starts in April; planning is in February": theirs, where the text speaks of a budget."""
    if context.clause & (CALL | PAST):
        return False
    start = lexed.starts[place]
    if _ANNUAL.search(lexed.folded, max(start - 24, 0), start) and not context.clause & EVENT:
        return _PLANNING.match(lexed.folded, start) is not None
    if not lexed.any_cue & BUDGET:
        return False
    return _PLANNING.match(lexed.folded, lexed.starts[place]) is not None


_ANNUAL = re.compile(r"\b(?:annual|yearly|fiscal|next year's|our|their|jahrliche|la|laufende)\s$")
_MONEY_COMES = re.compile(
    r"""\b(?:budgets?|funding|funds|money|geld|gelder|mittel|fonds|presupuesto|orcamento|verba|dinero|financiering)\s[^.;,]{0,25}
      \b(?:available|free|freed\sup|released|unlocked|back|in\splace|verfugbar|frei|freigegeben|da|disponib\w*|liberad[oa]|disponivel
        |beschikbaar|vrij)\b[^.;,\d]{0,12}$""",
    re.VERBOSE,
)


def is_when_money_comes(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Funding may be available next year", "budget won't be available before Q1"."""
    if context.clause & (CALL | CONTRACT | EXPIRY | TOLD | DONE):
        return False
    start = lexed.starts[found.first]
    return _MONEY_COMES.search(lexed.folded, max(start - 60, 0), start) is not None


_PLANNING = re.compile("planning|planung|planific|planejam|pianific")

"""Which kind of fact a time expression belongs to: the words around it decide, the nearest first.

A word counts by its distance in words; crossing the end of a clause costs, and so does standing behind the date in
languages that put the verb first. A date next to "met", "quoted" or a price is no fact at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BACK,
    BLOCK,
    BOUND,
    BUDGET,
    CALL,
    CHOSE,
    CONTRACT,
    DONE,
    ENDS,
    EVENT,
    EXPIRY,
    HAVE,
    LATER,
    NOT,
    NOTICE,
    ONLY,
    PAST,
    PLAN,
    REPORT,
    RESET,
    SIGN,
    STARTS,
    TOLD,
    WAIT,
)
from mappings.facts.meaning.neighbours import GENITIVE, cue_beside, has_cue, is_call_of, is_start_of_new_year
from mappings.facts.meaning.remarks import is_remark
from mappings.facts.meaning.terms import TERM_ON, is_long_term, is_term_begun, is_unless_cancelled
from mappings.facts.meaning.waits import (
    is_of_what_is_waited_for,
    is_when_money_comes,
    waits_for_it,
)
from mappings.facts.meaning.weights import CLAUSE_COST, weights_of
from mappings.facts.mention import Base
from mappings.model import FactKind

_WEIGHED = (
    CONTRACT | EXPIRY | BOUND | NOTICE | SIGN | BUDGET | PLAN | RESET | STARTS | ENDS | CALL | LATER | NOT | WAIT | PAST
) | (BLOCK | EVENT | CHOSE | ONLY | BACK)
VERB_LAST = frozenset({"de", "nl", "ja"})
_WINDOW = 40  # words farther off say nothing of a date, and looking at all of them takes time that grows squared
_FAR = 99.0


def context_of(lexed: Lexed, found: Found) -> Context:
    """The sentence and the clause that hold the expression."""
    shapes = lexed.shapes
    low, high = max(found.first - _WINDOW, 0), min(found.last + _WINDOW, len(shapes))
    first = max(shapes.rfind(".", low, found.first) + 1, low)
    last = shapes.find(".", found.last, high)
    last = high if last < 0 else last
    clause_first = max(first, shapes.rfind(",", 0, found.first) + 1)
    clause_last = shapes.find(",", found.last, last)
    clause_last = last if clause_last < 0 else clause_last
    clause = sentence = 0
    for place in range(first, last):
        if (cue := lexed.cues[place]) and not found.core <= place < found.last:
            sentence |= cue
            if clause_first <= place < clause_last:
                clause |= cue
    said = shapes[first:last]
    has_year = "j" in said or "f" in said or ("F" in said and _fiscal_year_turns(lexed, first, last) is not None)
    return Context(first, last, clause, sentence, has_year)


def _fiscal_year_turns(lexed: Lexed, first: int, last: int) -> int | None:
    """The place of "FY27" in "FY27 starts in February"."""
    for place in range(first, last):
        behind = place + 1 + (lexed.shapes[place + 1 : place + 2] == ",")  # "FY27 (starts 1 October)"
        if lexed.shapes[place] == "F" and has_cue(lexed, behind, min(behind + 1, last), STARTS | ENDS):
            return place
    return None


_QUARTER_STARTS = re.compile(r"(?:fo?Q|Qo{0,3}f)_[iUo]{0,2}[NOMD]")


def _is_told_to_turn(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "FY27 starts in February", "their fiscal Q2 starts in July"."""
    if _fiscal_year_turns(lexed, found.core, context.last) == found.core:
        return True
    is_quarter = found.when.base is Base.QUARTER and _QUARTER_STARTS.match(lexed.shapes, found.core)
    return bool(is_quarter) and has_cue(lexed, found.last, found.last + 1, STARTS)


def kind_of(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> FactKind | None:
    """The kind, or None where the date is that of something else."""
    if found.rule == "fiscal" and len(times) > 1 and _is_told_to_turn(lexed, found, context):
        return None  # the year or quarter whose start they tell
    if _is_budget_of_it(lexed, found, context, times):
        return None
    if found.rule == "season" and not found.lead and lexed.shapes[found.first - 1 : found.first] == "a":
        return None  # "a summer procurement freeze"
    if kind := _kind_by_form(lexed, found, context):
        return kind
    scores = _scores(lexed, found, context, times)
    if found.when.fiscal:
        is_asked_then = context.clause & (CALL | LATER) and not context.sentence & BUDGET
        scores[BUDGET] = min(scores[BUDGET], 8.0 if is_asked_then else 4.0)
    nearest = min(scores, key=scores.__getitem__)
    if nearest == CALL and (_is_told_of_it(lexed, found, context, times) or _tells_which(lexed, found, context)):
        return None
    if scores[nearest] >= _FAR:
        return _kind_without_cues(lexed, found, context)
    if nearest in {EVENT, BLOCK} and waits_for_it(lexed, found, context):
        return FactKind.REVISIT
    if nearest in {PAST, BLOCK, EVENT}:
        return None
    if nearest == BUDGET and "U" not in found.lead and has_cue(lexed, found.first - 3, found.first, PAST):
        return None  # "the budget was frozen in March"
    if nearest == CONTRACT:
        return FactKind.CONTRACT_END
    return FactKind.BUDGET_CYCLE if nearest == BUDGET else FactKind.REVISIT


def _is_budget_of_it(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> bool:
    """ "Q4 budget planning starts next month": the quarter is what the budget is for."""
    behind = has_cue(lexed, found.last, min(found.last + 1, context.last), EVENT)
    if behind and found.lead[-1:] == "u" and context.clause & BUDGET and not context.clause & CALL:
        return True  # "money approved for the Q4 migration"
    is_attribute = found.rule in {"quarter", "half", "month"} and not found.lead and found.first == found.core
    if not (is_attribute and has_cue(lexed, found.last, min(found.last + 1, context.last), BUDGET)):
        return False
    return any(found.last < other.first < context.last for other in times)


def _is_of_a_past_call(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> bool:
    """ "Said so on the Q1 call": no other call is asked for, or its time is said as well."""
    if not context.clause & (DONE | TOLD | PAST | REPORT):
        return False
    if any(context.first <= other.first < context.last for other in times if other is not found):
        return True
    return not any(lexed.cues[place] & CALL for place in range(context.first, context.last) if place != found.last)


def _is_told_of_it(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> bool:
    """ "Q2 board meeting killed the project", "said so on the Q1 call": the time only says which meeting."""
    if lexed.language == "en" and has_cue(lexed, found.last, min(found.last + 1, context.last), CALL):
        return is_call_of(lexed, found.last, found) and _is_of_a_past_call(lexed, found, context, times)
    is_attribute = found.first in {context.first, found.core} and not found.lead and lexed.language == "en"
    is_told = context.clause & (DONE | TOLD) and not context.clause & (CALL | REPORT | HAVE)
    return is_attribute and bool(is_told) and lexed.shapes[found.last : found.last + 1] == "_"


def _tells_which(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Candidat pour le poste de mars, à rappeler": the month tells which, and the call is another clause."""
    is_month = found.rule == "month" and not found.lead and found.when.year is None
    if not is_month or context.clause & (CALL | LATER | WAIT | EVENT | NOT):
        return False
    if lexed.shapes[max(found.first - 3, 0) : found.first] != "o_o":
        return False
    return lexed.values[found.first - 1] == GENITIVE and not lexed.cues[found.first - 2]


def _kind_by_form(lexed: Lexed, found: Found, context: Context) -> FactKind | None:
    """The kind where the expression itself, or what it is joined to, leaves no choice."""
    is_own_term = found.rule in SPANS and has_cue(lexed, found.core, found.last, CONTRACT)  # "Zweijahresvertrag"
    if is_own_term or is_term_begun(lexed, found, context):
        return FactKind.CONTRACT_END
    if found.rule == "span" and TERM_ON.match(lexed.shapes, found.last) and is_long_term(lexed, found.core, context):
        return FactKind.CONTRACT_END
    if found.rule in SPANS and is_unless_cancelled(lexed, found, context):
        return FactKind.CONTRACT_END
    if found.rule in SPANS and has_cue(lexed, found.last, min(found.last + 2, context.last), NOTICE):
        return FactKind.CONTRACT_END  # "requires 60 days written notice"
    if found.rule in _IN_A_YEAR and (
        _TO_A_YEAR.match(lexed.shapes, found.last) or (found.lead == "U" and _A_YEAR.match(lexed.shapes, found.last))
    ):
        return FactKind.BUDGET_CYCLE  # "they follow an April to March fiscal year"
    if is_of_what_is_waited_for(lexed, found, context):
        return FactKind.REVISIT
    if is_start_of_new_year(lexed, found):
        return FactKind.BUDGET_CYCLE
    if found.is_years_end and not context.clause & CALL:
        return FactKind.BUDGET_CYCLE
    is_other = context.sentence & (CALL | CONTRACT | EXPIRY) or lexed.language == "ja"
    if found.when.fiscal and context.clause & NOT and not is_other:
        return FactKind.BUDGET_CYCLE  # "not coming back until next fiscal year"
    is_asked_anew = found.when.fiscal and found.when.base is Base.UNIT and context.sentence & BUDGET
    if is_when_money_comes(lexed, found, context) or (is_asked_anew and not context.sentence & (CONTRACT | EXPIRY)):
        return FactKind.BUDGET_CYCLE  # "budget exhausted, resubmit next fiscal year"
    is_this_year = found.when.fiscal and found.when.shift == 0 and context.sentence & BUDGET
    return FactKind.BUDGET_CYCLE if is_this_year or _is_start_of_year(lexed, found, context) else None


_IN_A_YEAR = frozenset({"month", "monthday", "date"})
_A_YEAR = re.compile(r"o{0,2}j")
_TO_A_YEAR = re.compile(r"U(?:[NO]?M[NO]?|D)o{0,2}j")


def _kind_without_cues(lexed: Lexed, found: Found, context: Context) -> FactKind | None:
    """The kind where no word around the time says what it is."""
    if found.rule in SPANS and not found.lead:
        behind = found.last + (lexed.shapes[found.last : found.last + 1] == "o")
        is_left = lexed.shapes[behind : behind + 1] == "r" and lexed.values[behind] == _LEFT
        is_term = context.sentence & CONTRACT and context.sentence & STARTS and not context.sentence & CALL
        if context.sentence & SIGN or is_left or is_term:
            return FactKind.CONTRACT_END  # "five years, signed in January", "two years left"
    return FactKind.REVISIT if is_remark(lexed, found, context) else None


_LEFT = 1  # the value of "left", not of "more"


def _scores(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> dict[int, float]:
    scores = dict.fromkeys((CONTRACT, BUDGET, CALL, PAST, BLOCK, EVENT), _FAR)
    behind = 0.4 if lexed.language in VERB_LAST else 2.0
    for place in range(context.first, context.last):
        cue = lexed.cues[place]
        if not cue & _WEIGHED or (lexed.language != "ja" and _is_own(lexed, place, found)):
            continue
        distance = _distance(lexed.shapes, place, found, behind)
        if distance >= CLAUSE_COST and _is_taken(lexed.shapes, place, found, times):
            continue
        cue = cue_beside(lexed, place, found, context)
        for of, weight in weights_of(lexed, cue, place, context, found):
            scores[of] = min(scores[of], distance + weight)
    return scores


def _is_own(lexed: Lexed, place: int, found: Found) -> bool:
    """Words of the expression itself say nothing of its kind, but for its prepositions ("until")."""
    is_edge = found.first <= place < found.core and lexed.shapes[place] in "ebcz"
    return found.core <= place < found.last or (is_edge and not (found.when.day and lexed.cues[place] & ONLY))


def _is_start_of_year(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Unusual fiscal year, start 1 October"."""
    if not context.has_year or found.rule not in {"month", "monthday", "date"} or context.sentence & (CALL | CONTRACT):
        return False
    return has_cue(lexed, found.first - 2, found.first, STARTS) and not context.clause & PLAN


def _is_taken(shapes: str, place: int, found: Found, times: Sequence[Found]) -> bool:
    """Whether the word stands in another clause that has a date of its own to speak for."""
    low, high = (place, found.first) if place < found.first else (found.last, place)
    if "," not in shapes[low:high]:
        return False
    first = shapes.rfind(",", max(place - _WINDOW, 0), place) + 1
    last = shapes.find(",", place, place + _WINDOW)
    last = len(shapes) if last < 0 else last
    return any(first <= other.first < last for other in times if other is not found and other.rule not in SPANS)


def _distance(shapes: str, place: int, found: Found, behind: float) -> float:
    if place < found.last:
        between, cost = shapes[place + 1 : found.first], 0.0
    else:
        between, cost = shapes[found.last : place], behind
    crossed = between.count(",")
    return len(between) - crossed + cost + CLAUSE_COST * crossed + 2 * between.count("&")


def ends_in(context: Context) -> int:
    """Whether the sentence lets the budget year start (STARTS), end (ENDS), or neither (0)."""
    clause = context.clause
    if clause & RESET:
        return STARTS
    if clause & PLAN:
        return 0
    if clause & ENDS:
        return ENDS
    return STARTS if clause & STARTS else 0

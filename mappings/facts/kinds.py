"""Which kind of fact a time expression belongs to: the words around it decide, the nearest first.

A word counts by its distance in words; crossing the end of a clause costs, and so does standing behind the date in
languages that put the verb first. A date next to "met", "quoted" or a price is no fact at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.facts.grammar import Found
from mappings.facts.lexer import Lexed
from mappings.facts.mention import Base, Edge
from mappings.facts.symbols import (
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
    MISSED,
    NOT,
    NOTICE,
    ONLY,
    PAST,
    PLAN,
    PUT,
    RESET,
    SIGN,
    STARTS,
    TOLD,
    WAIT,
)
from mappings.model import FactKind

_OF_A_CONTRACT = CONTRACT | EXPIRY | BOUND | NOTICE
_WEIGHED = (
    CONTRACT | EXPIRY | BOUND | NOTICE | SIGN | BUDGET | PLAN | RESET | STARTS | ENDS | CALL | LATER | NOT | WAIT | PAST
) | (BLOCK | EVENT | CHOSE | ONLY)
VERB_LAST = frozenset({"de", "nl", "ja"})
_SPANS = frozenset({"span", "gspan"})
_WINDOW = 40  # words farther off say nothing of a date, and looking at all of them takes time that grows squared
_CLAUSE_COST = 5
_FAR = 99.0


@dataclass(slots=True)
class Context:
    """The sentence around an expression: its bounds, and the cues of its clause and of all of it."""

    first: int
    last: int
    clause: int
    sentence: int
    has_year: bool


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
    return Context(first, last, clause, sentence, "j" in shapes[first:last])


def kind_of(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> FactKind | None:
    """The kind, or None where the date is that of something else."""
    if found.rule in _SPANS and _has(lexed, found.core, found.last, CONTRACT):
        return FactKind.CONTRACT_END  # "Zweijahresvertrag"
    if found.is_years_end and not context.clause & CALL:
        return FactKind.BUDGET_CYCLE
    scores = _scores(lexed, found, context, times)
    fiscal = found.when.fiscal
    if fiscal:
        scores[BUDGET] = min(scores[BUDGET], 4.0)
        if found.when.shift == 0 and context.sentence & BUDGET:
            return FactKind.BUDGET_CYCLE
    nearest = min(scores, key=scores.__getitem__)
    if scores[nearest] >= _FAR:
        return FactKind.REVISIT if _is_bare(lexed, found, context) or _is_aimed_at(found, context) else None
    if nearest == EVENT and _waits_for_it(lexed.shapes, found):
        return FactKind.REVISIT
    if nearest in {PAST, BLOCK, EVENT}:
        return None
    if nearest == BUDGET and "U" not in found.lead and _has(lexed, found.first - 3, found.first, PAST):
        return None  # "the budget was frozen in March"
    if nearest == CONTRACT:
        return FactKind.CONTRACT_END
    return FactKind.BUDGET_CYCLE if nearest == BUDGET else FactKind.REVISIT


def _waits_for_it(shapes: str, found: Found) -> bool:
    """ "Go-live is in April, after that they have time": the event's date is the one."""
    end = shapes.find(",", found.last, found.last + 6)
    return end > 0 and shapes[end + 1 : end + 2] == "A"


def _scores(lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> dict[int, float]:
    scores = dict.fromkeys((CONTRACT, BUDGET, CALL, PAST, BLOCK, EVENT), _FAR)
    behind = 0.4 if lexed.language in VERB_LAST else 2.0
    for place in range(context.first, context.last):
        cue = lexed.cues[place]
        if not cue & _WEIGHED or (lexed.language != "ja" and _is_own(lexed.shapes, place, found)):
            continue
        distance = _distance(lexed.shapes, place, found, behind)
        if distance >= _CLAUSE_COST and _is_taken(lexed.shapes, place, found, times):
            continue
        if cue & BACK and lexed.language == "en" and lexed.shapes[place + 1 : place + 2] == "e":
            continue  # "the back end of 2028"
        if lexed.shapes[place] == "e":
            cue &= ~ENDS  # "the end", of something else
        if cue & CALL and (_is_told(lexed, place) or lexed.shapes[max(place - 3, 0) : place].rstrip("o")[-1:] == "l"):
            cue = PAST
        elif cue & (EXPIRY | ENDS) and _has(lexed, place - 3, place, BLOCK):
            cue = BLOCK  # a price expires
        elif cue & PAST and "U" in lexed.shapes[max(place - 2, 0) : place]:
            cue = CALL  # "to be contacted"
        for of, weight in _weights(cue, place, context, found):
            scores[of] = min(scores[of], distance + weight)
    return scores


def _count(lexed: Lexed, context: Context, cue: int) -> int:
    places = range(context.first, context.last)
    return sum(1 for place in places if lexed.cues[place] & cue and lexed.shapes[place] == "_")


def _is_own(shapes: str, place: int, found: Found) -> bool:
    """Words of the expression itself say nothing of its kind, but for its prepositions ("until")."""
    return found.core <= place < found.last or (found.first <= place < found.core and shapes[place] in "ebcz")


def _is_told(lexed: Lexed, place: int) -> bool:
    """ "We had a call in May" tells; "they asked to call in May" asks."""
    for before in range(place - 1, max(place - 4, -1), -1):
        if lexed.shapes[before] in "U,.":
            return False
        if lexed.cues[before] & PAST:
            return True
    return False


def _has(lexed: Lexed, first: int, last: int, cue: int) -> bool:
    return any(lexed.cues[place] & cue for place in range(max(first, 0), last))


def _is_taken(shapes: str, place: int, found: Found, times: Sequence[Found]) -> bool:
    """Whether the word stands in another clause that has a date of its own to speak for."""
    low, high = (place, found.first) if place < found.first else (found.last, place)
    if "," not in shapes[low:high]:
        return False
    first = shapes.rfind(",", max(place - _WINDOW, 0), place) + 1
    last = shapes.find(",", place, place + _WINDOW)
    last = len(shapes) if last < 0 else last
    return any(first <= other.first < last for other in times if other is not found and other.rule not in _SPANS)


def _distance(shapes: str, place: int, found: Found, behind: float) -> float:
    if place < found.last:
        between, cost = shapes[place + 1 : found.first], 0.0
    else:
        between, cost = shapes[found.last : place], behind
    crossed = between.count(",")
    return len(between) - crossed + cost + _CLAUSE_COST * crossed + 2 * between.count("&")


def _weights(cue: int, place: int, context: Context, found: Found) -> list[tuple[int, float]]:
    """What a word speaks for, and how much it is held back."""
    weights: list[tuple[int, float]] = []
    if (weight := _call_weight(cue, place, context, found)) is not None:
        weights.append((CALL, weight))
    if cue & CHOSE and "U" in found.lead and not context.clause & (CALL | BUDGET | LATER):
        weights.append((CONTRACT, 0.0))
    if cue & BUDGET:
        weights.append((BUDGET, 0.0))
    if (cue & (STARTS | ENDS) and context.has_year) or (
        cue & PLAN and context.clause & STARTS and not context.clause & NOT
    ):
        weights.append((BUDGET, 1.0))
    if (weight := _contract_weight(cue, context, found)) is not None:
        weights.append((CONTRACT, weight))
    is_put_off = context.clause & PUT and found.rule not in _SPANS
    if cue & PAST and not cue & SIGN and not (cue & STARTS and context.clause & CONTRACT) and not is_put_off:
        weights.append((PAST, 0.0))
    if cue & BLOCK:
        weights.append((BLOCK, 0.0))
    if cue & EVENT and found.rule in _SPANS:
        weights.append((BLOCK, 1.0))  # "implementation takes six months"
    elif cue & EVENT:
        weights.append((EVENT, 8.0 if context.clause & (CALL | LATER | WAIT) else 3.0))
    return weights


def _call_weight(cue: int, place: int, context: Context, found: Found) -> float | None:
    if cue & CALL:
        return -1.0
    is_only = cue & ONLY and found.first - 2 <= place < found.core
    if cue & LATER or is_only:
        return 2.0
    is_waiting = cue & WAIT and not context.clause & PAST
    if is_waiting and context.clause & EVENT:
        return 3.0
    if cue & NOT and (found.lead[:1] in {"B", "U"} or found.is_coming):
        return 3.0
    return 6.0 if is_waiting and found.lead[:1] == "U" else None


def _contract_weight(cue: int, context: Context, found: Found) -> float | None:
    if cue & RESET and context.clause & BUDGET:
        return None
    is_bound = not context.clause & BUDGET and (
        "U" in found.lead or context.clause & CONTRACT or found.when.edge is Edge.END
    )
    if cue & EXPIRY:
        return -1.0
    if cue & SIGN and context.clause & BUDGET and not context.clause & (CONTRACT | EXPIRY):
        return None  # a budget is signed off
    if cue & (CONTRACT | NOTICE | SIGN) or (cue & BOUND and is_bound):
        return 0.0
    if cue & ENDS and not context.sentence & BUDGET and not context.clause & EVENT:
        return 3.0
    return None


def _is_bare(lexed: Lexed, found: Found, context: Context) -> bool:
    """Nothing is said but the date, so that is when to come back."""
    outside = lexed.shapes[context.first : found.first] + lexed.shapes[found.last : context.last]
    is_lone_year = found.rule == "year" and found.first == found.core
    if is_lone_year or found.rule == "weekday" or len(outside) > 6:
        return False
    beside = lexed.shapes[found.first - 1 : found.first] + lexed.shapes[found.last : found.last + 1]
    denials = _count(lexed, context, NOT) if found.when.base is Base.UNIT else 0  # "not this year"
    return outside.count("_") <= denials or (beside in {",", ",.", ",,"} and lexed.shapes[-1] != "_")


def _is_aimed_at(found: Found, context: Context) -> bool:
    """ "Something for H2", "next spring looks fine": a short remark about a time to come, whatever it calls that."""
    is_short = context.last - found.last + found.first - context.first <= _SHORT_REMARK
    is_put_off = found.lead[-1:] in {"u", "U"} and found.rule in _PERIODS
    is_next = bool(found.when.shift) or (found.rule in _SPANS and found.lead[-1:] == "i")
    if not is_short or context.sentence & (TOLD | MISSED):
        return False
    return is_put_off or (is_next and not context.sentence & (DONE | HAVE))


_SHORT_REMARK = 6
_PERIODS = frozenset({"month", "quarter", "half", "season", "fiscal"})


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

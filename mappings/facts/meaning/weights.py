"""What one word beside a time speaks for, and how much it is held back: its share in `kinds`."""

from __future__ import annotations

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
    ENDS,
    EVENT,
    EXPIRY,
    GOES,
    LATER,
    NOT,
    NOTICE,
    ONLY,
    PAST,
    PLAN,
    PUT,
    REPORT,
    RESET,
    SIGN,
    STARTS,
    TOLD,
    WAIT,
)
from mappings.facts.meaning.neighbours import has_cue
from mappings.facts.meaning.terms import is_bound_by_contract, is_long_wait
from mappings.facts.meaning.waits import is_held_up, is_of_a_budget
from mappings.facts.mention import Edge

CLAUSE_COST = 5
_OF_A_CONTRACT = CONTRACT | EXPIRY | BOUND | NOTICE


def weights_of(lexed: Lexed, cue: int, place: int, context: Context, found: Found) -> list[tuple[int, float]]:
    """What a word speaks for, and how much it is held back."""
    weights: list[tuple[int, float]] = []
    if (weight := _call_weight(lexed, cue, place, context, found)) is not None:
        weights.append((CALL, weight))
    is_term = "U" in found.lead or (found.is_coming and "u" in found.lead)
    if cue & CHOSE and is_term and not context.clause & (CALL | BUDGET | LATER | EVENT):
        weights.append((CONTRACT, 0.0))
    if cue & BUDGET:
        weights.append((BUDGET, 0.0))
    is_planned = cue & PLAN and not context.clause & NOT and is_of_a_budget(lexed, place, context, found)
    if is_planned or (cue & (STARTS | ENDS) and context.has_year):
        weights.append((BUDGET, 1.0))
    if (weight := _contract_weight(cue, context, found)) is not None:
        is_held = cue & CONTRACT and not cue & EXPIRY and is_held_up(lexed, place, found)
        weights.append((CONTRACT, weight + CLAUSE_COST if is_held else weight))
    is_put_off = context.clause & PUT and found.rule not in SPANS
    if cue & PAST and not cue & SIGN and not (cue & STARTS and context.clause & CONTRACT) and not is_put_off:
        weights.append((PAST, 0.0))
    if cue & BLOCK and not (context.clause & NOT and has_cue(lexed, place - 1, place, NOT)):
        weights.append((BLOCK, -0.5))
    if cue & EVENT and found.rule in SPANS:
        weights.append((BLOCK, 1.0))  # "implementation takes six months"
    elif cue & EVENT:
        weights.append((EVENT, 8.0 if context.clause & (CALL | LATER | WAIT) else 3.0))
    return weights


def _call_weight(lexed: Lexed, cue: int, place: int, context: Context, found: Found) -> float | None:
    if cue & CALL:
        return -1.0
    is_only = cue & ONLY and found.first - 2 <= place < found.core
    if is_only and lexed.shapes[place] == "e":
        is_only = found.when.day > 0  # "al final el 20 de mayo"
    is_wished = cue & BACK and context.clause & REPORT and not context.clause & (TOLD | PAST)
    if (
        cue & LATER
        or is_wished
        or is_only
        or (cue & PUT and found.lead[-1:] in {"U", "u"} and not context.clause & EVENT)
    ):
        return 2.0
    is_waiting = cue & WAIT and not context.clause & PAST
    if is_waiting and has_cue(lexed, place, min(place + 7, context.last), EVENT):
        return 3.0
    is_until = found.lead[:1] in {"B", "U"} or (
        lexed.language == "ja" and lexed.shapes[found.last : found.last + 1] == "U"
    )
    is_until = is_until or (
        found.lead[-1:] == "u" and "r" in lexed.shapes[found.core : found.last]
    )  # "for another year"
    is_bound = context.clause & (CONTRACT | EXPIRY) or is_bound_by_contract(context)
    if cue & NOT and (is_until or found.is_coming) and not is_bound:
        return 3.0
    return 6.0 if is_waiting and found.lead[:1] == "U" else None


def _contract_weight(cue: int, context: Context, found: Found) -> float | None:
    if cue & RESET and context.clause & BUDGET:
        return None
    is_bound = not context.clause & BUDGET and (
        "U" in found.lead or context.clause & CONTRACT or found.when.edge is Edge.END or is_long_wait(found, context)
    )
    if cue & EXPIRY:
        return -1.0
    if cue & NOT and "U" in found.lead and is_bound_by_contract(context):
        return 2.0
    if cue & SIGN and context.clause & BUDGET and not context.clause & (CONTRACT | EXPIRY):
        return None  # a budget is signed off
    if cue & (CONTRACT | NOTICE | SIGN) or (cue & BOUND and is_bound):
        return 0.0
    is_weak = cue & GOES and not context.sentence & (CONTRACT | EXPIRY | BOUND)
    is_of_event = context.clause & EVENT or (context.sentence & EVENT and not context.sentence & _OF_A_CONTRACT)
    if cue & ENDS and not is_weak and not context.sentence & BUDGET and not is_of_event:
        return 3.0
    return None

"""Spans that are a contract's term: "24 months since July 2025", "still tied to them for two years"."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    ASKED,
    BLOCK,
    BOUND,
    BUDGET,
    CALL,
    CONTRACT,
    ENDS,
    EVENT,
    EXPIRY,
    LATER,
    PAST,
    SIGN,
    STARTS,
    TOLD,
    UNLESS,
)
from mappings.facts.meaning.neighbours import GENITIVE, has_cue


def is_term_begun(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "24 months since July 2025": a contract's term and the day from which it runs."""
    begun = _TERM_FROM.search(lexed.shapes, context.first, found.first)
    if begun is None:
        return False
    is_long = found.when.year is not None and is_long_term(lexed, begun.start(), context)
    if not (context.sentence & (CONTRACT | BOUND | SIGN) or is_long):
        return False
    if has_cue(lexed, begun.start(), found.first, ENDS | CALL):
        return False  # "when the five-year agreement ends in March 2030", "extended for four years, ring in 2029"
    if found.lead:
        return found.lead[0] in "is"
    opening = lexed.cues[found.first - 1] & (UNLESS | STARTS)  # "desde", "began"
    return bool(opening) or (begun["of"] is not None and lexed.values[found.first - 1] == GENITIVE)


def is_new_from(lexed: Lexed, found: Found) -> bool:
    """ "Neuer Vertrag ab Januar": from that day a contract runs, and its end is told by its term alone."""
    if lexed.language == "ja":
        return _NEW_IN_JAPANESE.match(lexed.folded, lexed.ends[found.last - 1]) is not None
    start = lexed.starts[found.core]
    return _NEW_FROM.search(lexed.folded, max(start - _WITHIN, 0), start) is not None


_WITHIN = 60  # characters that are looked at
_NEW_FROM = re.compile(
    r"\b(?:new|neue[nr]?|nouve(?:au|lle)|nuev[oa]|nov[oa]|nieuwe?|nuov[oa])\s(?:\w+\s)?"
    r"(?:contract|agreement|subscription|lease|vertrag|contrat|contrato|contratto)"
    r"\s(?:(?:with|mit|bei|avec|chez|con|com|met)\s(?:\w+\s){1,3})?"
    r"(?:(?:starting\s)?from|as\s(?:of|from)|starting|ab|per|des|a\spartir\sd\w+|desde|dal?|a\spartire\sda\w*|vanaf"
    r"|met\singang\svan)\s(?:the\s|dem\s|le\s|el\s|il\s)?$"
)
_NEW_IN_JAPANESE = re.compile(r"(?:から|より)(?:の)?新(?:しい|規)?契約")


def is_long_term(lexed: Lexed, place: int, context: Context) -> bool:
    """Whether a span is a contract's without the word: a year or more, and nobody asks or tells of anything."""
    if context.sentence & (ASKED | BUDGET | PAST | TOLD | EVENT | BLOCK):
        return False
    count, unit = lexed.values[place], lexed.shapes[place + 1 : place + 3].strip("o")[:1]
    return lexed.shapes[place] == "N" and (unit == "y" or (unit == "m" and count >= _A_YEAR))


_A_YEAR = 12
TERM_ON = re.compile(r"(?:[is]{1,2}o{0,2}|_)(?:MoY|MY|L)")
_TERM_FROM = re.compile(r"[Nk]o?[ymqh](?:_{0,2},?_{0,2}|_?(?P<of>o))$")


def is_unless_cancelled(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Renews each May unless ended 45 days before"."""
    if not context.sentence & EXPIRY or context.sentence & CALL:
        return False
    if _WARNED.search(lexed.folded, max(lexed.starts[found.first] - 40, 0), lexed.starts[found.first]):
        return True
    if _CANCELLED_LAST.match(lexed.folded, lexed.ends[found.last - 1]):
        return True
    is_before = _BEFORE.match(lexed.shapes, found.last) is not None
    return is_before and not has_cue(lexed, found.last, min(context.last, found.last + 5), CONTRACT | EXPIRY | ENDS)


_WARNED = re.compile(r"\b(?:avvis|avis|preven)\w+ co[nm] (?:almeno |al menos |pelo menos )?$")
_CANCELLED_LAST = re.compile(
    r"\W*(?:vorher|zuvor|im voraus|vor ablauf|van tevoren|vooraf|voor afloop)\W+(?:\w+\W+)?"
    r"(?:gekundigt|kundigt|kundigen|opgezegd|opzeg)"
)
_BEFORE = re.compile(r"o?B(?![oi]*[MDYNOQHSJE])")


def is_long_wait(found: Found, context: Context) -> bool:
    """ "Still tied to them for two years": too long to be busy."""
    months = {"m": 1, "q": 3, "h": 6, "y": 12}.get(found.when.unit, 0) * found.when.n
    return found.rule in SPANS and months >= _HALF_A_YEAR and not context.clause & (EVENT | LATER)


_HALF_A_YEAR = 6


def is_bound_by_contract(context: Context) -> bool:
    """ "Locked into a contract with a rival, so we can't move until 2028"."""
    return bool(context.sentence & CONTRACT and context.sentence & BOUND and not context.clause & (CALL | BUDGET))

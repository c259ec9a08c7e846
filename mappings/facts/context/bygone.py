"""Times of what is over or only counted, by the words right before them.

"The demo we had back in March", "skipping the March call", "three owners in six months", "two shifts until Christmas".
"""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    ASKED,
    CALL,
    CONTRACT,
    DONE,
    ENDS,
    EXPIRY,
    HAVE,
    PAST,
    PUT,
    REPORT,
    SIGN,
    STARTS,
    TOLD,
)

_FAR = 60  # characters that are looked at
# "Bought the other machine back in February": over, but "call them back in February" is not.
_BACK_THEN = re.compile(
    r"\b(?:(?P<call>(?:our|my|first|initial|last|previous|earlier|original)\s(?:\w+\s)?"
    r"(?:call|chat|talks?|meeting|demo|conversation|e?-?mail|visit))|(?P<said>[\w']+))\sback\s(?:in|on)\s(?:the\s)?$"
)
_WRITTEN_GIVEN_BACK = """
call calls calling come comes coming get gets getting check checking circle circling reach ring be hear touch loop swing
drop go write report him her them us me it this that you push pushed move moved put bring brought is are again contact
start starts starting
"""
_GIVEN_BACK = frozenset(_WRITTEN_GIVEN_BACK.split())
_SKIPPED = re.compile(r"\b(?:skip(?:s|ped|ping)?|cancel(?:s|l?ed|l?ing)?)\s(?:the\s|our\s|this\s|their\s)?$")
# "Per our call on 3/14", "the board approved the budget in December".
_AS_DONE = re.compile(
    r"\b(?:(?:per|following|further\sto|based\son)\s(?:\w+\s){0,2}(?:calls?|chat|talk|conversation|meeting|e-?mail|demo|discussion|visit)"
    r"|(?:approved|adopted|passed|signed\soff)\s(?:on\s)?(?:the|their|our|its|a|this)\s(?:\w+\s){0,3}budgets?)\s$"
)
_SO_MANY = re.compile("[Nk]_{1,2}$")
_SHIFTS = re.compile(r"\b(?:shifts|schichten|equipes|turnos|turni|ploegen)\s$")
_DONE_THEN = TOLD | DONE | PAST | HAVE


def is_bygone(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether a time is that of something over, or one of a count."""
    if found.rule in SPANS:
        return found.lead == "i" and _is_count(lexed, found, context)
    start = lexed.starts[found.first]
    if found.lead == "U":
        return _SHIFTS.search(folded, max(start - _FAR, 0), start) is not None
    if lexed.language != "en":
        return False
    if not found.lead:
        is_of_a_call = found.last < len(lexed.cues) and lexed.cues[found.last] & CALL
        return bool(is_of_a_call) and _SKIPPED.search(folded, max(start - _FAR, 0), start) is not None
    if found.lead != "i":
        return False
    if _is_day_of_a_story(lexed, found, context) or _AS_DONE.search(folded, max(start - _FAR, 0), start):
        return True
    return " back " in folded and _is_back_then(folded, lexed, found, context)


def _is_back_then(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    core = lexed.starts[found.core]
    back = _BACK_THEN.search(folded, max(core - _FAR, 0), core)
    if back is None:
        return False
    return back["call"] is not None or (back["said"] not in _GIVEN_BACK and bool(context.clause & _DONE_THEN))


def _is_day_of_a_story(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "On 29 August, the vendor filed a motion": the time stands before the clause that it is of."""
    if found.first != context.first or lexed.shapes[found.last : found.last + 1] != ",":
        return False
    told = (cue for cue in lexed.cues[found.last + 1 : found.last + 1 + _SOON] if cue & _DONE_THEN)
    return any(not cue & _STILL_SAYS for cue in told) and not context.sentence & CALL


_SOON = 4  # words behind the comma in which the verb stands
_STILL_SAYS = HAVE | SIGN | PUT | REPORT | EXPIRY | CONTRACT | STARTS | ENDS


def _is_count(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Three owners in six months": how many there were."""
    if context.clause & (ASKED | CONTRACT | EXPIRY):
        return False
    counted = _SO_MANY.search(lexed.shapes, context.first, found.first)
    return counted is not None and lexed.shapes[max(counted.start() - 1, 0) : counted.start()] in {"", ".", ",", "o"}

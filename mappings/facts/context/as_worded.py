"""Times that the words beside them shift: "once the summer is over", "pushed from Q2 to Q4", "six months from now"."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BUDGET, PLAN, PUT, WAIT
from mappings.facts.meaning.neighbours import has_cue
from mappings.facts.mention import UNDATED, Base, Edge, When
from mappings.values import replace

_PERIODS = frozenset({Base.MONTH, Base.QUARTER, Base.HALF, Base.SEASON, Base.UNIT, Base.FEAST})
_IS_OVER = re.compile(
    r"\W*(?:(?:is|are|has|have|s|ist|sind|est|sont|sera|seront|soit|soient|sia|siano|sara|zijn|hayan?|tiver)\W+)?"
    r"(?:over|done|ended|finished|past|out of the way|behind (?:us|them)|vorbei|rum|um\b|durch|vorueber|termine"
    r"|finie?s?|passe|acab|pasad|passad|conclu|finit|voorbij|afgelopen|achter de rug|alle spalle)"
    r"|[がも]?(?:終わ|明け|過ぎ)"
)
_LET_PASS = re.compile(
    r"\b(?:laisser passer|dejar pasar|deixar passar|lasciar passare|let|sit out"
    r"|(?:we'?re|they'?re|are|is|be|get|been|am) through|durch"
    r"|(?:na volta|no retorno|au retour|al rientro|al ritorno) d\w{1,4})"
    r"\s(?:the |l'|la |el |o |il |de |het )?$"
)
_FROM_THEN_ON = re.compile(
    r"\b(?:on|am|le|el|em|op|il|al|dia) (?:or|oder|ou|o|of) (?:after|nach|apres|despues|depois|na|dopo)\b"
)
_AT_THIS_TIME = re.compile(
    r" (?:um die(?:se|selbe)? zeit|zur (?:selben|gleichen) zeit|a esta(?:s alturas| hora)|por estas fechas"
    r"|nesta (?:epoca|altura)"
    r"|rond deze tijd|in questo periodo|a (?:la meme|cette) (?:epoque|periode|date)|at this time|about now)"
)
_OF_SCHOOLS = re.compile(r" (?:scolaire|universitaire|academique|escolar|academico|lectivo|letivo|scolastic|accademic)")
_FROM_NOW = re.compile(
    r"\W*(?:from (?:now|today)\b|today\b|hence\b|down the (?:line|road|track)\b"
    r"|(?:and|then) (?:he|she|they|we|it|things|i)(?:'ll| will| should| might|'d| would)\b"
    r"|out(?=\W*(?:$|[.,;]|at least\b|or (?:so|more)\b|minimum\b|for sure\b)))"
)


def as_worded(folded: str, lexed: Lexed, found: Found) -> Found:
    """ "Once the summer is over" is after the summer."""
    if found.rule in SPANS:
        if lexed.language == "en" and _FROM_NOW.match(folded, lexed.ends[found.last - 1]):
            found.is_from_now = True
        return found
    if found.when.edge is Edge.AFTER and _FROM_THEN_ON.search(
        folded, max(lexed.starts[found.first] - 10, 0), lexed.starts[found.core]
    ):
        found = replace(found, when=replace(found.when, edge=Edge.START))
    if found.rule == "quarter" and _is_moved(lexed, found):
        return replace(found, when=replace(found.when, n=lexed.values[found.last - 1]))
    if _is_plan_for_it(lexed, found):
        return replace(found, when=replace(found.when, shift=None))
    if found.when.unit == "y" and found.when.shift == 1 and _AT_THIS_TIME.match(folded, lexed.ends[found.last - 1]):
        return replace(found, when=When(base=Base.SPAN, n=1, unit="y"), rule="year_on")
    if found.when.unit == "y" and _OF_SCHOOLS.match(folded, lexed.ends[found.last - 1]):
        return replace(found, when=UNDATED)
    if found.when.edge is not Edge.START or (found.when.base not in _PERIODS and found.rule != "holidays"):
        return found
    if _LET_PASS.search(folded, max(lexed.starts[found.core] - 30, 0), lexed.starts[found.core]):
        return replace(found, when=replace(found.when, edge=Edge.AFTER), lead=found.lead + "A")
    is_waited_for = lexed.language == "ja" or any(
        cue & WAIT for cue in lexed.cues[max(found.first - 3, 0) : found.core]
    )
    if is_waited_for and _IS_OVER.match(folded, lexed.ends[found.last - 1]):
        return replace(found, when=replace(found.when, edge=Edge.AFTER), lead=found.lead + "A")
    return found


def _is_plan_for_it(lexed: Lexed, found: Found) -> bool:
    """ "They plan the budget for next year in October": the year is what it is for."""
    is_next_years = found.rule == "month" and found.when.shift == 1 and lexed.shapes[found.core] == "n"
    return is_next_years and found.lead[-1:] == "u" and has_cue(lexed, found.first - 3, found.first, PLAN | BUDGET)


def _is_moved(lexed: Lexed, found: Found) -> bool:
    """ "Pushed from Q2 to Q4"."""
    is_range = lexed.shapes[found.core : found.last] == "QUQ" and found.lead.endswith("i")
    return is_range and has_cue(lexed, found.first - 4, found.first, PUT)

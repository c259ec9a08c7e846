"""Spans that measure something instead of saying when: "arrived three weeks later", "an online check every 30 days"."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BOUND, CALL, CONTRACT, DONE, EXPIRY, NOTICE, PAST, PUT, REPORT, SIGN, TOLD
from mappings.model import FactKind

_LONGEST_WAIT_MONTHS = 36  # nobody asks to be called in six years: that is a payback time, or a history
_LONGEST_PLAN_MONTHS = 48
_MONTHS = {"d": 1 / 30, "w": 7 / 30, "m": 1, "q": 3, "h": 6, "y": 12}
_SHORTEST_TERM = {"d": 14, "w": 2}


# "They need three months to onboard", "three years of accounts".
_MEASURES = re.compile(
    r"\sof\s(?:accounts|data|history|experience|testing|training|work|statements|records|figures|books|growth|losses|runway|use)\b"
    r"|\sto\s(?:onboard|implement|install|integrate|deploy|migrate|switch|train|set\s(?:it|this|things)?\s?up|roll\s(?:it|this)?\s?out"
    r"|get\s(?:going|started|live)|go\slive|build|deliver|ramp)\b"
)


def is_measure(lexed: Lexed, found: Found, context: Context, kind: FactKind) -> bool:
    """Whether a span is how long something took, how often it comes, or how far off it is."""
    months = found.when.n * _MONTHS.get(found.when.unit, 0)
    if kind is FactKind.CONTRACT_END:
        is_short = found.when.n < _SHORTEST_TERM.get(found.when.unit, 0)
        return is_short and not context.clause & (CONTRACT | EXPIRY | BOUND | SIGN | NOTICE)
    if months > _LONGEST_PLAN_MONTHS:
        return not (
            context.clause & CALL and found.lead.strip("o")
        )  # "call in 60 months", but a payback time of six years
    if kind is not FactKind.REVISIT or context.clause & CALL:
        return False
    if lexed.language == "en" and not found.lead and _MEASURES.match(lexed.folded, lexed.ends[found.last - 1]):
        return True
    before = lexed.cues[found.first - 1] if found.first else 0
    is_told = before & (TOLD | DONE) or (before & PAST and not context.clause & REPORT)
    is_often = lexed.shapes[max(found.first - 1, 0)] == "v"
    return months > _LONGEST_WAIT_MONTHS or is_often or bool(is_told and not before & (PUT | SIGN | CALL))

"""Months that are somebody's name: "ask for May", "Jan said no", "April (the buyer) declined", "June Park"."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import Found
from mappings.facts.lexing.lexed import Lexed

_NAMES = frozenset({"january", "jan", "april", "avril", "abril", "may", "mai", "june", "august", "julio", "summer"})
_BEFORE = 40  # characters that are looked at
# What one asks at a desk. "Asked for May" tells of a wish, "ask for May" of a person.
_ASK_FOR = re.compile(
    r"""(?:^|[.,;:(!]\s*|\b(?:and|to|please|pls|then|und|bitte|et|y|e|en)\s)
      (?:ask\s(?:there\s)?for|preguntar?\spor|preguntad?\spor|perguntar?\spor|demander|demandez|chiedere\s(?:di|per)|nach)\s$""",
    re.VERBOSE,
)
_TO_A_PERSON = re.compile(r"\b(?:spoke|speak|spoken|talked|meeting|met|chatted|emailed)\s(?:to|with)\s$")
_CALLED = re.compile(r"\b(?:call|e-?mail|ping|contact|ask|tell|phone|ring|remind|meet|text|chase)\s$")
_THEN = frozenset("inW")  # "call April in May"
# A person says, wants and leaves; a month is better, works and suits.
_ACTS = r"""(?:sa(?:id|ys)|told|tells|asked|asks|refused|declined|mentioned|confirmed|thinks|thought|felt
  |hates|hated|likes|liked|loved|decided|emailed|called|left|quit|never|wasn't|is(?:n't|\snot)\s(?:interested|sure|convinced|the)|doesn't|didn't|won't|signed
  |sagte?|meinte?|mochte|hat|zegt|zei|heeft|vindt|vond|belt|wilde?|dice|dijo|disse|diz|dit|quiere|quer|ha)\b"""
_ACTS_BEHIND = re.compile(
    rf"""\s?(?:\((?:the|our|their|his|her|new|head|chief|c[efiomt]o|vp|buyer|owner|director|manager|finance|purchasing|procurement
      |it|hr|ops|sales|from|die|der|unser\w*|la|le|el|o|il|de|het)\b[^)\d]{{0,30}}\)\s)?{_ACTS}""",
    re.VERBOSE,
)
_IN_BRACKETS = re.compile(
    r"""\s?\((?:the|our|their|his|her|new|head\sof|c[efiomt]o|vp)\b[^)\d]{0,30}\)\s(?:is|was|has|had|will|wants|wanted|and)\b""",
    re.VERBOSE,
)
_OF_A_DESK = re.compile(
    r"\s(?:at\sthe\s(?:front|desk|reception|counter|office|bar|store|shop)|from\s(?:accounts|finance|purchasing|procurement|hr|it|sales|ops|reception|the))"
)


def is_somebody(text: str, folded: str, lexed: Lexed, found: Found) -> bool:
    """Whether a month is the name of a person."""
    if found.rule != "month" or found.when.year is not None or found.last - found.core != 1:
        return False
    start, end = lexed.starts[found.core], lexed.ends[found.last - 1]
    if folded[start:end] not in _NAMES:
        return False
    low = max(start - _BEFORE, 0)
    if _TO_A_PERSON.search(folded, low, start) or _ASK_FOR.search(folded, low, start):
        return True
    if found.lead:
        return False
    if _CALLED.search(folded, low, start) and lexed.shapes[found.last : found.last + 1] in _THEN:
        return True
    if _has_a_surname(text, lexed, found):
        return True
    is_first = start == 0 or lexed.shapes[found.first - 1] in ".,"
    return is_first and any(one.match(folded, end) for one in (_ACTS_BEHIND, _IN_BRACKETS, _OF_A_DESK))


def _has_a_surname(text: str, lexed: Lexed, found: Found) -> bool:
    """ "June Park": German writes any noun so."""
    behind = found.last
    if lexed.language in {"de", "ja"} or lexed.shapes[behind : behind + 1] != "_" or lexed.cues[behind]:
        return False
    start = lexed.starts[behind]
    is_beside = start == lexed.ends[behind - 1] + 1
    return is_beside and text[start].isupper() and text[start + 1 : start + 2].islower()

"""Times that take the place of one said before: "first he said May, then made it October"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mappings.facts.grammar import Context, Found
from mappings.facts.lexer import Lexed
from mappings.facts.symbols import BLOCK, BUDGET, CONTRACT, EVENT, EXPIRY

_SAID_FIRST = re.compile(
    r"\b(?:first|initially|originally|erst|zuerst|d'abord|primero|primeiro|eerst|prima|said|sagte|dijo|disse|zei|detto"
    r"|dit)\b"
)
_CHANGED = re.compile(
    r"\b(?:ma[dk]e it|changed|moved|corrected|switched|revised|geaendert|korrigiert|korrigierte|change|corrige|decale"
    r"|cambio|cambiaron|corrigio|movio|mudou|mudaram|corrigiu|trocou|gewijzigd|veranderd|veranderde|cambiato|spostato|corretto)\b"
)
_PERIODS = frozenset({"month", "season", "quarter", "half", "monthday"})


def is_corrected(folded: str, lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> bool:
    """Whether the sentence named such a time first, and this one instead of it."""
    if found.rule not in _PERIODS or context.sentence & (CONTRACT | EXPIRY | BUDGET | EVENT | BLOCK):
        return False
    earlier = [other for other in times if context.first <= other.first < found.first and other.rule == found.rule]
    if not earlier:
        return False
    said = folded[lexed.starts[context.first] : lexed.starts[earlier[-1].first]]
    between = folded[lexed.ends[earlier[-1].last - 1] : lexed.starts[found.first]]
    return _SAID_FIRST.search(said) is not None and _CHANGED.search(between) is not None

"""Whose customer they are until then: "on HubSpot until November", "chez Orange jusqu'en mars"."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BUDGET, CALL, CONTRACT, EVENT, LATER, NOT, PUT
from mappings.text import has_any

_BEFORE = 60  # characters that are looked at
_WITH = re.compile(
    r"""(?:^|[\s(,;:.-])(?P<word>on|with|w/|has|have|uses?|nutzt|utilisent?|usan?|tienen?|gebruiken|gebruikt|using|at|under|bei|mit|chez|avec|con|com|na|no|bij|met|presso|da)\s
      (?:the\s|der\s|die\s|la\s|el\s|a\s|o\s|de\s|il\s)?(?P<name>[^\W\d_][\w&.'’/-]*(?:\s[^\W\d_][\w&.'’-]*){0,2})\s?[,(]?\s?$""",
    re.VERBOSE | re.IGNORECASE,
)
_INCUMBENT = re.compile(
    r"""\b(?:current|existing|present|incumbent|derzeitige\w*|bisherige\w*|jetzige\w*|aktuelle\w*|huidige)\s
      (?:provider|vendor|supplier|carrier|partner|solution|system|tool|anbieter|lieferant\w*|dienstleister|losung|leverancier|partij)
      (?:\sis|\ssind|\sist)?[\s,(]{1,2}$
      | \b(?:fournisseur|prestataire|proveedor|fornecedor|fornitore|outil|herramienta|solucion|solucao)
        \s(?:actuel\w*|actual|atual|attuale)[\s,(]{1,2}$""",
    re.VERBOSE,
)
_BY_CONTRACT = re.compile(
    r"""\s?[,(;–-]?\s?(?:by\s|per\s|under\s|laut\s|lt\.?\s|par\s|por\s|per\s)?
      (?:contract(?:ually|ual)?|vertrag(?:lich)?|contrat|contrato|contrattualmente|contratto|contractueel)\b""",
    re.VERBOSE,
)
# "Their agency contract is up for review in January".
_UP_FOR = re.compile(
    r"\b(?:up|due|out)\sfor\s(?:review|renewal|tender|bids?|re-?bid|grabs|negotiation|re-?negotiation|re-?tender|quote)\b[^.;,]{0,12}$"
)
# "Another year with their current supplier".
_WITH_THEM = re.compile(
    r"""\s(?:to\s(?:go|run)\s)?(?:with|bei[mn]?|mit|chez|avec|con|com|bij|met|presso)\s(?:[^\s.,;]+\s){0,2}
      (?:supplier|vendor|provider|incumbent|competitor|rival|lieferant\w*|anbieter|dienstleister|wettbewerber|fournisseur|prestataire|concurrent
      |proveedor|competidor|fornecedor|concorrente|leverancier|fornitore)\b""",
    re.VERBOSE,
)
_WRITTEN_NO_NAMES = """
I Leave Hold PTO Vacation Holiday Sabbatical Maternity Paternity Site Tour Ice Standby Pause LOA OOO
"""
_NO_NAME = frozenset(_WRITTEN_NO_NAMES.split())
_NO_CONTRACT = CALL | LATER | PUT | EVENT | BUDGET


def is_with_a_supplier(text: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether a capitalised name that they are "with" stands right before "until"."""
    start = lexed.starts[found.first]
    low = max(start - _BEFORE, 0)
    if context.clause & CONTRACT and _UP_FOR.search(lexed.folded, low, start):
        return True
    if found.rule in SPANS:
        is_left = "r" in lexed.shapes[max(found.first - 2, 0) : found.last] and not context.clause & (
            CALL | EVENT | BUDGET
        )
        return is_left and _WITH_THEM.match(lexed.folded, lexed.ends[found.last - 1]) is not None
    if "U" not in found.lead:
        return False
    name = _name_before(text, lexed, found)
    if name and not _cues_beside(lexed, found, context, name) & (_NO_CONTRACT | NOT):
        return True
    if context.clause & _NO_CONTRACT:
        return False
    if _BY_CONTRACT.match(lexed.folded, lexed.ends[found.last - 1]):
        return True
    return _INCUMBENT.search(lexed.folded, low, start) is not None


_STARTING = {
    "en": (
        "live",
        "start",
        "begin",
        "launch",
        "kick",
        "pilot",
        "using",
        "use ",
        "implement",
        "adopt",
        "deploy",
        "roll",
        "onboard",
    ),
    "de": ("start", "beginn"),
    "fr": ("demarre", "commence"),
    "es": ("empiez", "comienz", "arranc", "inici"),
    "pt": ("comec", "inici"),
    "nl": ("start", "begin"),
    "it": ("part", "inizi", "comin"),
}
# "They go live with Contoso in October", "implementing Contoso next year", "Contoso rollout in Q3".
_STARTS_WITH = re.compile(
    r"""\b(?:
      (?:go(?:es|ing)?[\s-]live|start(?:s|ing|en|et)?|begin(?:s|ning|nen|nt)?|launch(?:es|ing)?|kick(?:s|ing)?\soff|pilot(?:s|ing)?|roll(?:s|ing)?\sout
        |demarre\w*|commence\w*|empiez\w+|comienz\w+|arranc\w+|comec\w+|parton?o?e?|inizi\w+)\s
        (?:(?:the|their|a|una?|le|la|il|el|o|de)\s)?(?:(?:pilot|trial|rollout|project|pilote|pilotprojekt|piloto|pilota)\s)?
        (?:with|on|mit|avec|con|com|met)\s
      |(?:using|implementing|adopting|deploying|introducing|onboarding|(?:will|going\sto|plans?\sto)\s(?:use|implement|adopt|deploy|introduce))\s)
      (?P<name>[^\W\d_][\w&.'-]*)(?:\s[^.;,]{0,30})?\s$
    |(?:^|[.;:(]\s|\bthe\s)(?P<rival>[^\W\d_][\w&.'-]*)\s(?:implementation|roll-?out|go-?live|onboarding|deployment|pilot)\s[^.;,]{0,25}$""",
    re.VERBOSE,
)
_WRITTEN_NO_RIVALS = """
the their our its his her full new project product system software first next initial pilot pre post
"""
_NO_RIVAL = frozenset(_WRITTEN_NO_RIVALS.split())


def starts_with_a_rival(text: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether the time is when they start to use what somebody else, named with a capital, sells."""
    if (
        set(found.lead) & set("UAB")
        or context.clause & (CALL | CONTRACT)
        or not has_any(lexed.folded, _STARTING.get(lexed.language, ()))
    ):
        return False
    start = lexed.starts[found.first]
    said = _STARTS_WITH.search(lexed.folded, max(start - _BEFORE, 0), start)
    if said is None:
        return False
    of = "name" if said["name"] else "rival"
    return text[said.start(of)].isupper() and said[of] not in _NO_RIVAL


def _name_before(text: str, lexed: Lexed, found: Found) -> int:
    """How many words the name has, 0 where there is none: "on Monday until" names a day."""
    start = lexed.starts[found.first]
    named = _WITH.search(text, max(start - _BEFORE, 0), start)
    if named is None:
        return 0
    words = named["name"].split()
    is_name = all(word[0].isupper() for word in words) and words[0] not in _NO_NAME
    known = set(lexed.shapes[max(found.first - len(words), 0) : found.first])
    return len(words) if is_name and known <= {"_", "o", "&", ","} else 0


def _cues_beside(lexed: Lexed, found: Found, context: Context, name: int) -> int:
    """The cues of the clause without those of the name ("Zoom Phone"), which may be made of words that mean a call."""
    first = max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1)
    end = lexed.shapes.find(",", found.last, context.last)
    last = context.last if end < 0 else end
    own = range(found.first - name + 1, found.first)  # its first word has to be none of them
    beside = [lexed.cues[at] for at in range(first, last) if at not in own and not found.core <= at < found.last]
    return reduce(or_, beside, 0)

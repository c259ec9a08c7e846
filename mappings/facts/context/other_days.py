"""Days of something else, as the words right beside them tell: what we offered, what they need by then, a surname."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import CALL
from mappings.text import has_any

_BEFORE = 48  # characters that are looked at
_OUR_OFFER = re.compile(
    r"""\b(?:
      (?:we|wir|nous|nosotros|wij)\s(?:only\s)?(?:proposed|offered|quoted|needed|planned|estimated|promised|boten
        |proposions|ofrecimos|boden)
    | (?:lead|delivery|response|payback|reaction|set-?up)\s(?:time|period)s?(?:\s(?:of|is|was|were|takes))?
    | vs\.?|versus)\W+$""",
    re.VERBOSE,
)
_PAYBACK = re.compile(
    r"""\b(?:roi|payback|return\son\sinvestment|break\s?even|retour\ssur\sinvestissement|amorti\w*|retorno\s(?:de|sobre|do)\s(?:la\s|el\s|o\s)?
      (?:inversion|investimento)|rentabili\w+|terugverdien\w*|ritorno\ssull'investimento)\b[^.;]{0,25}$""",
    re.VERBOSE,
)
_OF_A_FIELD = frozenset(":：=-")
_FIELD = re.compile(
    r"""(?:\b(?:(?:clos(?:e|ed|ing)|creat(?:ed|ion)|order|invoice|delivery|loss|entry|birth)\sdate|abschlussdatum|erstelldatum
      |date\sde\s(?:cloture|creation)|fecha\sde\s(?:cierre|creacion)|data\sde\s(?:fechamento|criacao)|sluitingsdatum
      |data\sdi\s(?:chiusura|creazione))|完了予定日|クローズ日)\s?[:：=-]\s?$""",
    re.VERBOSE,
)
# "They need it by June": their own deadline, unless a "not" stands before it.
_NEEDED = re.compile(
    r"""(?<!not\s)(?<!n't\s)(?<!nicht\s)(?<!pas\s)(?<!no\s)(?<!nao\s)(?<!niet\s)(?<!non\s)
    \b(?:need(?:s|ed)?\s(?:\d+|it|this|that|one|something|a\s\w+|the\s\w+|to\s(?:be|go|have)\b)
      |must\s(?:have|be|go)|ha(?:s|d)\sto\s(?:be|go)|require[sd]?|brauch\w*|benotig\w*|(?:a|ont|avait)\sbesoin
      |necesita\w*|precisa\w*|nodig|avevano\sbisogno|hanno\sbisogno)\b[^.;,]{0,40}$""",
    re.VERBOSE,
)
_BY_THEN = re.compile(r"(?:by|before|vor|d'ici|avant|para|antes|voor|tegen|entro|prima)\b")
_WRITTEN_TITLES = """
m dr prof doc familie family fam
mr mrs ms miss mme mlle monsieur madame herr herrn frau sr sra srta senor senora dhr mevr mevrouw meneer sig signor
signora dott
"""
# "I am out until the 26th, Jo covers": the writer's own absence.
_OWN_ABSENCE = re.compile(
    r"""(?:^|[.;,:!\n-]\s*|\b(?:as|and|since|note:?)\s)
      (?:(?:i'?m|i\sam|i'll\sbe|i\swill\sbe|we're|we\sare)
        \s(?:out|away|off|ooo|on\s(?:pto|leave|holiday|vacation|hols|annual|mat|pat))
      |(?:ich\s)?bin\s(?:selbst\s)?(?:[\w.]+\s){0,5}(?:urlaub|weg|abwesend|unterwegs|elternzeit)
      |(?:ich\s)?bin\s(?:vom|ab|bis|im|in)
      |je\s(?:suis|serai)\s(?:en\s(?:conges?|vacances|deplacement)|absente?)|(?:yo\s)?estar?[ey]\s(?:de\s(?:vacaciones|baja)|fuera)
      |(?:eu\s)?(?:estou|estarei)\s(?:de\s(?:ferias|folga|licenca)|fora)|ik\sben\s(?:[\w.]+\s){0,4}(?:vakantie|weg|afwezig|vrij|verlof)
      |(?:sono|saro)\s(?:in\sferie|fuori|assente|via))\b[^.;]{0,40}$""",
    re.VERBOSE,
)
_COVER_STEMS = (
    "cover",
    "vertret",
    "remplac",
    "sustitu",
    "cubr",
    "substitu",
    "cobr",
    "vervang",
    "neemt waar",
    "sostitu",
)
_COVERED = re.compile(rf"\b(?:{'|'.join(_COVER_STEMS)})")
_TITLES = frozenset(_WRITTEN_TITLES.split())
_NAMES = frozenset({"month", "season", "weekday"})


def is_of_something_else(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether the words beside a time say what it belongs to, and that is no day to come back."""
    start = lexed.starts[found.first]
    low = max(start - _BEFORE, 0)
    if _OUR_OFFER.search(folded, low, start) or (
        not _OF_A_FIELD.isdisjoint(folded[max(start - 2, 0) : start]) and _FIELD.search(folded, low, start)
    ):
        return True
    if found.rule in SPANS and _PAYBACK.search(folded, low, start):
        return True
    if found.rule in _NAMES and folded[low:start].rstrip(" .").rpartition(" ")[2] in _TITLES:
        return True
    is_covered = has_any(folded, _COVER_STEMS) and _COVERED.search(folded, start)
    if is_covered and _OWN_ABSENCE.search(folded, max(start - 80, 0), start):
        return True
    is_by = not context.clause & CALL and _BY_THEN.match(folded, start)
    return bool(is_by and _NEEDED.search(folded, low, start))

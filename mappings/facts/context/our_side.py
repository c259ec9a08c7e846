"""Days and terms of the seller's own: when we could have delivered, which term we asked for, the tender we lost."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BUDGET, CALL, CONTRACT, EVENT, EXPIRY, SIGN
from mappings.text import has_any

_BEFORE = 70  # characters that are looked at
_WE_CANNOT = r"""\b(?:we|us|wir|nous|on|nosotros|noi|wij)\s
  (?:just\s|really\s|simply\s|only\s|nur\s|leider\s|erst\s|ne\s|no\s|non\s)*
  (?:can't|cant|cannot|can\snot|can\sonly|couldn't|could\s(?:not|only)|(?:are|were)\s(?:not\sable|unable)\sto|weren't\sable\sto
    |konnen|konnten|pouvons|pouvions|podemos|podiamos|pudimos|possiamo|potevamo|kunnen|konden)\b"""
_DELIVER = r"""(?:deliver|ship|supply|install|staff|provide|produce|build|dispatch|fit\s(?:it|them|him|her|this)\sin
  |get\s(?:it|them)\sto)"""
_OUR_DELAY = re.compile(
    rf"""{_WE_CANNOT}[^.;]{{0,25}}\b(?:{_DELIVER}|livrer|installer|entregar|instalar|servir|fornecer|consegnare|installare|leveren|plaatsen)\b
        [^.;]{{0,30}}$
      | \b(?:we|us)\s(?:couldn't|could\s(?:not|only)|weren't\sable\sto)\s[^.;,]{{0,45}}$
      | \bwe\scould\s(?:(?:deliver|ship|install|supply|begin)\s(?:\w+\s){0, 2})?$
      | \bwir\s(?:konnten|haetten|hatten)\s[^.;,]{{0,30}}$
      | \b(?:nosotros\s)?(?:no\s)?(?:podiamos|pudimos)\s[^.;,]{{0,35}}$
      | \bnous\s(?:ne\s)?(?:pouvions|aurions\spu)\s[^.;,]{{0,35}}$""",
    re.VERBOSE,
)
_DELIVERED_BEHIND = re.compile(r"\s(?:\w+\s){0,3}(?:liefern|montieren|installieren|leveren|plaatsen|aufstellen)\b")
_WE = re.compile(r"\b(?:wir|wij|we)\b[^.;]{0,40}$")
_TOO_LATE = re.compile(
    r"""[^.;]{0,20}(?:\b(?:which|that|and|das|was|und|ce\squi|lo\sque|lo\scual|o\sque|il\sche|wat|che)\s)?
      (?:(?:is|was|war|ist|est|etait|era|es|e|fue|foi|is)\s)?(?:way\s|far\s|viel\s|bien\s|molto\s|muito\s|veel\s)?
      (?:too\slate|too\slong|zu\sspat|zu\slang|trop\s(?:tard|long(?:ue)?s?)|(?:demasiado|muy)\s(?:tarde|larg[oa]s?)|tarde\sdemais|long[oa]s?\sdemais
        |muito\stempo|te\s(?:laat|lang)|troppo\s(?:tardi|lung[oahie]+))\b""",
    re.VERBOSE,
)
_OUR_PRODUCT = re.compile(
    r"""\b(?:our|unser\w*|notre|nuestr[oa]|noss[oa]|onze|ons|(?:il|la|i)\snostr[oaie])\s(?:\S+\s)?
      (?:product|feature|release|version|module|integration|connector|factory|plant|team|crew|lead\stimes?|capacity|calendar
        |installers?|schedule|produkt|funktion|modul|schnittstelle|produktion|werk|monteure|produit|fonction|module
        |equipe|producto|funcion|modulo|equipo|fabrica|produto|funcao|equipe|prodotto|funzione|squadra|ploeg)\b[^.;]{0,40}$
      | \b(?:feature|integration|connector|module|functionality|support|schnittstelle|funktion|functie
        |fonction(?:nalite)?|funcion|funcionalidade?
        |integracion|integracao|koppeling|integrazione|funzione)\s(?:is|was|ist|est|esta|e|staat|are|war)?\s?[^.;]{0,30}
        (?:roadmap|feuille\sde\sroute|hoja\sde\sruta)\b[^.;]{0,15}$
      | (?:当社|弊社|自社|我が?社)(?:の|は|では|側)[^。、]{0,20}$""",
    re.VERBOSE,
)
_ROADMAP_BEHIND = re.compile(r"\s(?:on|auf|op|sur|en|na|nella)\s(?:the|der|de|la)\s(?:product\s)?roadmap\b")
_FEATURE = re.compile(
    r"\b(?:feature|funktion|schnittstelle|functie|koppeling|fonction(?:nalite)?|funcion|funcao|funzione)\b[^.;]{0,30}$"
)
# "The fleet module, which we will only have at the end of the year".
_WE_STEMS = ("we ", "we'll", "wir ", "nous ", "n'aur", "endremos", "eremos", "vremo", "wij ")
_WHICH = r"(?:which|that|den|die|das|dat|que|qu'|che)"
_WE_WILL_HAVE = re.compile(
    rf"""\b{_WHICH}\s?(?:(?:so|apenas|solo|so\sno|no|nao|non|ainda|aun|todavia|nous|on|n'|ne|we|only|won't|nosotros|noi|nos)\s?){{0,4}}
      (?:(?:will|'ll)\s(?:only\s|not\s)?(?:have|offer|support|ship|release)|(?:tendr|ofrecer|lanzar|soportar|sacar)emos|(?:ter|oferecer|lancar|suportar|entregar)emos
        |aurons|proposerons|sortirons|avremo|offriremo|rilasceremo)\s(?:(?:so|apenas|solo|qu'|que|only|not|pas|mas)\s?){{0,2}}$
      |\b(?:den|die|das|dat)\s(?:wir|wij|we)\s(?:\w+\s){{0,2}}$""",
    re.VERBOSE,
)
_HAVE_BEHIND = re.compile(
    r"\s(?:\w+\s)?(?:haben|anbieten|unterstutzen|liefern|veroffentlichen|bringen|hebben|aanbieden|ondersteunen|leveren|uitbrengen)\b"
)
_NEEDED_UNTIL = re.compile(
    r"\b(?:brauch|benotig)\w*\s(?:es|das|sie|ihn|(?:die|den|das)\s\w+)\s(?:schon\s|spatestens\s)?$"
)
_LOST_THEN = re.compile(
    r"""(?:^|[.,;:(]\s*|\b(?:we|they|was|were|got|have|been|had)\s)lost\s(?:(?!until|till|ends?|expires?|renews|runs)[^\s,.;]+\s){1,5}(?:back\s)?(?:in|on|over)\s(?:the\s)?$"""
)
_OUR_TERM = re.compile(
    r"""(?:\b(?:we|wir|nous|nosotros|noi|wij)\s(?:only\s|always\s|nur\s)?(?:ask(?:ed)?\sfor|want(?:ed)?|need(?:ed)?|requir(?:e|ed)|insist(?:ed)?\son|offer(?:ed)?|sell|sold
        |do|did|verlang\w*|forder\w*|wollten|bieten|boten|demand\w+|exig\w+|pid\w+|ofrec\w+|chied\w+|vroegen|eisen|eisten)
      | \bour\s(?:minimum|min|standard|usual)\b
      | \b(?:min(?:imum|\.)?|mindest\w*|minim[aoe]|minimale?)\s?(?:\w+\s){0,2}
          (?:term|commitment|contract|duration|laufzeit|vertragslaufzeit
          |duree|engagement|plazo|permanencia|prazo|durata|looptijd)?
      | \b(?:mindest\w*laufzeit|mindestvertragslaufzeit|permanencia\sminima)
      | \b(?:didn't|did\snot|don't|do\snot|doesn't|won't|wouldn't|would\snot|refused?\sto|unwilling\sto|not\swilling\sto
          |never)\s(?:want\sto\s|going\sto\s)?
          (?:commit|sign|lock|go|tie|be)\b
      | \b(?:wollte[n]?\s(?:sich\s)?(?:nicht|keine)|will\s(?:sich\s)?(?:nicht|keine)
          |ne\s(?:veut|veulent|voulait|voulaient)\spas
          |no\s(?:quiere\w*|queria\w*)
          |nao\s(?:quer\w*|quis\w*)|non\s(?:vuole|vogliono|voleva\w*)|wilde[n]?\s(?:niet|geen)|wil(?:len)?\s(?:niet|geen)))
      [^.;,]{0,30}$""",
    re.VERBOSE,
)
# "We usually get back to you within 24 hours".
_OUR_HABIT = re.compile(
    r"""\b(?:we|our\s\w+|wir|unser\s\w+|nous|notre\s\w+|nosotros|nuestro\s\w+|nosso\s\w+|noi|il\snostro\s\w+
        |wij?|ons\s\w+)\s
      (?:will\s)?(?:usually|normally|typically|generally|always|aim\sto|promise\sto|commit\w*\sto|in\sder\sregel|ublicherweise|normalerweise|meist
        |habituellement|generalement|s'engage\s\w+|normalmente|generalmente|habitualmente|se\scompromete\s\w+|geralmente|di\ssolito
        |si\simpegna\s\w+|meestal|doorgaans|gewoonlijk)\b[^.;,]{0,40}$""",
    re.VERBOSE,
)
# "Signed a 3 month pilot with Acme": a trial is no contract, and nobody says whose it is.
_TRIAL = (
    r"(?:pilot\w*|trial|poc|proof\sof\sconcept|test(?:phase|lauf|stellung)?|probephase|essai|teste?|prueba|prova"
    r"|proef(?:periode)?)"
)
_TRIAL_BEHIND = re.compile(rf"[\s-](?:\w+\s)?{_TRIAL}\b")
_TRIAL_BEFORE = re.compile(rf"\b{_TRIAL}\s(?:\w+\s)?(?:of|for|de|di|da|do|von|fur|uber|van|voor|pour|por)\s(?:\w+\s)?$")
_OF_THEIRS = re.compile(
    r"""\b(?:they|he|she|customer|client|prospect|buyer|company|competitors?|rivals?|another|other|elsewhere|sie|kunde|haben|hat|mitbewerber\w*
      |wettbewerb\w*|anderen?|ils|elle|ont|concurrent\w*|autre|cliente?|\w+(?:aron|ieron|aram|eram|iram)|competencia|otr[oa]|outr[oa]
      |concorren\w+|hanno|altr[oa]|ze|zij|hebben|heeft|klant|concurren\w+|ander)\b""",
    re.VERBOSE,
)
_PERIODS = frozenset({"month", "monthday", "quarter", "half", "season", "week", "weekday", "date"})


def is_our_side(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether a time is about what the seller could do, asked for or lost."""
    start, end = lexed.starts[found.first], lexed.ends[found.last - 1]
    core = lexed.starts[found.core]
    low = max(start - _BEFORE, 0)
    if found.rule in SPANS and _OUR_TERM.search(folded, low, core) and not context.clause & (CALL | EXPIRY):
        return True
    if found.rule in SPANS and (_OUR_HABIT.search(folded, low, start) or _is_of_a_trial(folded, lexed, found, context)):
        return True
    if found.rule in _PERIODS and not context.clause & CALL and _LOST_THEN.search(folded, low, core):
        return True
    if context.clause & (CALL | BUDGET):
        return False
    if _OUR_PRODUCT.search(folded, low, start):
        return True
    if _is_what_we_will_have(folded, context, low, start, end):
        return True
    if _OUR_DELAY.search(folded, low, start) or _NEEDED_UNTIL.search(folded, low, start):
        return True
    if _ROADMAP_BEHIND.match(folded, end) and _FEATURE.search(folded, low, start):
        return True
    if _DELIVERED_BEHIND.match(folded, end) and _WE.search(folded, low, start):
        return True
    if found.rule not in SPANS and context.clause & (CONTRACT | EXPIRY):
        return False
    return _TOO_LATE.match(folded, end) is not None


def _is_what_we_will_have(folded: str, context: Context, low: int, start: int, end: int) -> bool:
    """ "Que só teremos no fim do ano": the thing that they wanted, unless it is their money or their meeting."""
    if context.sentence & (CALL | BUDGET | CONTRACT | EXPIRY | EVENT) or not has_any(folded, _WE_STEMS):
        return False
    said = _WE_WILL_HAVE.search(folded, low, start)
    if said is None:
        return False
    return said[0].split()[0] not in _VERB_BEHIND or _HAVE_BEHIND.match(folded, end) is not None


_VERB_BEHIND = frozenset({"den", "die", "das", "dat"})


def _is_of_a_trial(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """A trial that may as well be ours."""
    if not context.clause & SIGN or context.sentence & (CALL | CONTRACT | EXPIRY):
        return False
    start, end = lexed.starts[found.first], lexed.ends[found.last - 1]
    is_trial = _TRIAL_BEHIND.match(folded, end) or _TRIAL_BEFORE.search(folded, max(start - 30, 0), start)
    if not is_trial:
        return False
    stop = lexed.ends[min(context.last, len(lexed.ends)) - 1]
    return _OF_THEIRS.search(folded, lexed.starts[context.first], stop) is None

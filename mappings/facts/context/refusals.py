"""Times that somebody rules out: "no need to circle back next quarter", "don't contact us again in 2027".

Such a time is no day to come back. "Not before May" and "don't call until then" name one, so they are no refusals.
"""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BLOCK,
    BUDGET,
    CALL,
    CONTRACT,
    DONE,
    EVENT,
    EXPIRY,
    HAVE,
    LATER,
    NOT,
    PAST,
    TOLD,
    WAIT,
)

# What stands right before the verb that is refused, in folded words.
_BEFORE_VERB = {
    language: re.compile(rf"(?:^|[^\w'])(?:{words})\s$", re.VERBOSE)
    for language, words in {
        "en": r"""
            (?<!why\s)(?:don't|do\snot|dont|never|please\snot|no\s(?:need|point|use|sense|reason)(?:\sfor\syou)?(?:\sto|\sin)?
            |(?:not|isn't)\s(?:necessary|needed|worth(?:\sit)?)(?:\sto)?|stop|refrain\sfrom)
            (?:\s(?:want|wish|like|a|any|another|you|please|ever|even|bother|to|try|keep|us|me|be|again|trying)){0,4}""",
        "de": r"""
            (?:nicht|nie|niemals|kein\w*)(?:\s(?:mehr|wieder|erneut|nochmals?|noch\s(?:mal|ein\s?mal)|weiter|uns|mich|zu
            |bei|noetig|notwendig)){0,4}""",
        "fr": r"""
            (?:ne\s(?:(?:veu(?:t|lent)|souhaite(?:nt)?|desire(?:nt)?)\s)?(?:pas|plus|jamais)|inutile|aucun\ssens|a\srien|(?:pas|plus)\s(?:la\speine|besoin|necessaire|utile|de\ssens))
            (?:\s(?:de|d'|d'autre|nous|me|les|l'|le|la|vous|etre|qu'on|que)){0,3}\s?|ne(?:\s(?:nous|me|les|le|la))?""",
        "es": r"""
            (?:no|nunca|tampoco)(?:\s(?:quieren?|desean?|nos|me|les|lo|la|se|vuelvan?|volver|a|hace\sfalta|es\snecesario|hay\sque
            |necesitan?|vale\sla\spena|tiene\ssentido|que|mas|deben?)){0,5}""",
        "pt": r"""
            (?:nao|nunca)(?:\s(?:querem?|desejam?|que|nos|me|voltem?|voltar|a|precisam?|e\snecessario|adianta|vale\sa\spena|de|mais|ligar
            |entrar|em)){0,4}""",
        "nl": r"""
            (?:niet|nooit|geen)(?:\s(?:worden|meer|opnieuw|weer|nog\seens|nodig|om|te|ons|mij)){0,4}""",
        "it": r"""
            (?:non|mai|inutile)(?:\s(?:vogliono|vuole|desiderano|essere|ci|mi|li|lo|la|piu|serve|occorre|bisogna|c'e\sbisogno|e\snecessario
            |vale\sla\spena|di)){0,5}""",
    }.items()
}
_IN_JAPANESE = re.compile(
    r"(?:連絡|電話|訪問|営業|フォロー|提案)[はもを]?(?:一切|もう)?(?:ご?(?:不要|無用|遠慮)|しないで|控え|お断り|結構|いりません|必要ありません|必要な[いし])"
)
# "Calling in January is pointless".
_POINTLESS = re.compile(
    r"""[^.;]{0,30}(?:\b(?:(?:pointless|useless|zwecklos|sinnlos|zinloos|nutteloos|inutil[es]?|inutile)\b|no\s(?:use|point)\b|(?:makes|has)\sno\ssense
      |(?:bringt|nutzt|hilft)\s(?:\w+\s)?nichts|(?:hat|macht|ergibt|heeft)\s(?:\w+\s)?(?:keinen|geen)\s(?:sinn|zweck|zin|nut)\b
      |ne\ssert\s(?:a\s|plus\s)?(?:a\s)?rien|n'a\s(?:pas|aucun|plus)\s(?:de\s)?sens|no\s(?:tiene|vale|sirve)\s(?:ningun\s)?(?:sentido|la\spena|de\snada|para\snada)
      |nao\s(?:adianta|vale\sa\spena|faz\ssentido|tem\ssentido|serve)|non\s(?:serve|ha\ssenso|vale\sla\spena))|無駄|無意味|意味(?:が|は)?な)""",
    re.VERBOSE,
)
_NOT_BEFORE = re.compile(
    r"\b(?:before|until|till?|unless|earlier|sooner|only|vor|bis|frueher|erst|ehe|avant|antes|hasta|ate|voor|eerder|tot|prima|fino)\b"
)


# "Keine Anrufe im Juni".
_NO_CALLS = re.compile(
    r"""\b(?:no|keine?|pas\sd(?:e\s|')|aucune?|sin|sem|geen|nessun[a']?|niente)\s?(?:more\s|weiteren\s|mas\s|mais\s)?
      (?:calls?|contact|visits?|anrufe?|kontakt|besuche?|appels?|relances?|visites?|llamadas?|contacto|visitas?|ligac(?:ao|oes)|contato
        |telefoontjes|bezoek(?:en)?|chiamat[ae]|contatt[oi]|visit[ae])\s$""",
    re.VERBOSE,
)
_PLEASE = re.compile(
    r"\b(?:please|pls|plz|bitte|svp|s'il vous plait|merci de|por favor|graag|alstublieft|aub|per favore|per cortesia)\b"
    r"|(?:お願い|ください|下さい)"
)


def is_asked_for(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Please re-submit in October": a request, whatever it is that they want done then."""
    if context.sentence & (TOLD | PAST | DONE | BLOCK | EVENT | NOT) or found.rule in {"past", "gone", "year"}:
        return False
    stop = lexed.ends[min(context.last, len(lexed.ends)) - 1]
    return _PLEASE.search(folded, lexed.starts[context.first], stop) is not None


# "Board sits quarterly, next one 4 December": the next occasion.
_NEXT_ONE = re.compile(
    r"""(?:^|[.,;:(]\s*)(?:their\s|the\s)?(?:next|nachste\w*|prochaine?|proxim[ao]|volgende|prossim[ao])
      \s(?:(?:one|(?:\w+\s)?(?:meeting|round|refresh|purchase|replacement|investment|tender)|window|slot|session|sitzung|gelegenheit
        |reunion|session|runde|ronda|rodada|reuniao|vergadering|ronde|riunione|finestra|point|rdv|rendez-vous|termin)
        \s?:?\s?(?:(?:is|ist|est|es|e)\s)?(?:(?:due|planned)\s)?)?
      (?:(?:in|on|am|im|le|en|el|em|op|il|a)\s)?$""",
    re.VERBOSE,
)
_BACK_FROM = re.compile(
    r"\b(?:returns?|returning|comes?\sback|(?:is|'s|are|be)\sback)\s(?:to\s(?:work|the\soffice)|from\s(?:\w+\s){0,3}"
    r"(?:leave|sabbatical|holidays?|vacation|pto|secondment))\s$"
)
# "Wants a new quote in November".
_WISHED = re.compile(
    r"""\b(?:(?:will|should|might|may|they'll|we'll)\s(?:know|hear)\s(?:more|better)|(?:en\s)?saur(?:a|ont|ons)\splus|sab(?:ra|ran|remos)\smas
      |sabera?o?\smais|sapra(?:nno)?\sdi\spiu)\s$
    | \b(?:wants?|interested\sin|open\sto|keen\son|would\slike
      |please\ssend|(?:re)?send|will|wollen|mochten?|veut|veulent|souhaite\w*|quieren?|quer|querem|vuole
      |vogliono|wil|willen)\s(?:\w+\s){0,3}(?:quot(?:e|es|ation)|proposals?|offer|pricing|demo|pilot|trial|poc|bids?|angebot|devis|offre
      |proposition|cotizacion|oferta|propuesta|proposta|orcamento|preventivo|offerta|offerte|voorstel)
      \s(?:in|im|am|on|en|em|a|ad|a\sl')?\s?$""",
    re.VERBOSE,
)
_IS_TO_BE = re.compile(
    r"""[,;(–—-]\s*(?:that\s|it\s|which\s|das\s|ce\s|cela\s)?(?:should\sbe|will\sbe|is|probably|likely|expected|est|planned(?:\sfor)?
      |scheduled(?:\sfor)?|targeted(?:\sfor)?|soll|wohl|voraussichtlich|geplant|vermutlich|sans\sdoute|prevue?s?|normalement|vers
      |sera|seria|previsto|seguramente|deve\sser|provavelmente|dovrebbe\sessere|probabilmente|prevista|vermoedelijk
      |waarschijnlijk|verwacht|gepland)\s(?:in\s|im\s|en\s|em\s|a\s|for\s|fur\s|pour\s|um\s|op\s)?$""",
    re.VERBOSE,
)
_SAY = re.compile(
    r"""[,(:–—-]\s*(?:~|say|so|i\.?e\.?|approx\.?|ideally|sagen\swir(?:\smal)?|am\sbesten|disons|idealement|digamos|idealmente|zeg(?:\smaar)?
      |het\sliefst|diciamo|例えば)\s?(?:\w{1,7}\s)?$""",
    re.VERBOSE,
)


def is_put_as(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Nothing until after peak season, say February": the day by which they mean what they wait for."""
    start = lexed.starts[found.first]
    first = max(start - _NEAR, 0)
    if found.rule in SPANS or found.rule in {"past", "gone"}:
        return False
    is_open = not context.clause & (TOLD | PAST | DONE | CONTRACT | EXPIRY)
    if (
        is_open
        and not context.clause & BUDGET
        and (_NEXT_ONE.search(folded, first, lexed.starts[found.core]) or _BACK_FROM.search(folded, first, start))
    ):
        return True
    if is_open and found.rule != "year" and _WISHED.search(folded, first, start):
        return True
    if context.sentence & (CONTRACT | EXPIRY):
        return False
    if _IS_TO_BE.search(folded, first, start):
        return bool(context.sentence & WAIT) and bool(context.sentence & (CALL | LATER | EVENT))
    if not context.sentence & (WAIT | CALL | LATER | NOT) or context.sentence & TOLD:
        return False
    return _SAY.search(folded, first, start) is not None


_NEAR = 60  # characters that are looked at


_LEFT_ALONE = re.compile(
    r"""\b(?:park(?:ing)?(?:\s(?:it|this|that|them))?|leav(?:e|ing)\s(?:it|this|that|(?:them|him|her)(?:\s(?:alone|be|in\speace))?)|laisser\spasser|dejar\s(?:lo\s)?pasar|dejarlo|deixar\spassar
      |lasciar\spassare|laat\shet|lassen\swir(?:\ses)?)\s(?:with\s(?:me|us)\s)?(?:at\sleast\s|about\s|another\s)?(?:for\s)?$""",
    re.VERBOSE,
)


# "No urgency for six months", "won't need it for a year".
_NOT_SO_SOON = re.compile(
    r"""(?:\b(?:won't|will\snot|can't|cannot|can\snot|not\s(?:looking|planning|going\sto|needed|urgent|a\spriority))\s(?:(?!(?:used?|paid|pay|answer\w*|reach|commit|sign|agree|bind|buy)\b)\w+\s){0,4}
      |(?:^|[.,;:(–-]\s?)not\s
      |\b(?:no|without)\s(?:\w+\s)?(?:urgency|rush|hurry|need)\s(?:on\s(?:this|it)\s)?
      |\b(?:keine\seile|pas\s(?:d'urgence|urgent)|no\shay\sprisa|sin\sprisa|sem\spressa|nao\sha\spressa|nessuna\sfretta|geen\shaast)\s)
      (?:for|fur|pour|pendant|por|durante|per|voor)\s(?:(?:at\sleast|about|another|the|a)\s)?(?:next\s)?$""",
    re.VERBOSE,
)
_NO_LESS = PAST | TOLD | DONE | HAVE | CONTRACT | EXPIRY | BUDGET | BLOCK


def is_left_alone(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Told me to leave it six months", "no urgency for a year": so long they want to hear nothing."""
    if found.rule not in SPANS:
        return False
    start, core = lexed.starts[found.first], lexed.starts[found.core]
    if _LEFT_ALONE.search(folded, max(start - _NEAR, 0), start):
        return True
    told = _NO_LESS & ~TOLD if "won't" in folded else _NO_LESS  # a form of "to win" without its ending
    if not context.clause & NOT or context.clause & told:
        return False
    return _NOT_SO_SOON.search(folded, max(core - _NEAR, 0), core) is not None


_AWAY = re.compile(
    r"""(?:^|[.,;:!(–-]\s?|\b(?:i'?m|i\sam|we're|we\sare|s?he's|they're|they\sare|(?<!who\s)(?:is|are)|be|suis|sommes|est|sont|estoy|esta|estan
        |estou|estao|sono|siamo|ben|zijn|ik)\s(?:currently\s|now\s|actuellement\s|nu\s)?)
      (?:away|travell?ing|abroad|overseas|out\sof\s(?:the\s)?(?:office|town|country)|ooo
      |on\s(?:leave|holiday|vacation|pto|sabbatical|(?:maternity|paternity|parental|sick)\sleave)
      |(?:absent|en\s(?:conges?|vacances|deplacement))e?s?|de\s(?:viaje|vacaciones|baja|ferias|licenca)|viajando|fora|fuera
      |in\sferie|in\sviaggio|op\s(?:vakantie|reis)|afwezig)
      \s(?:for|over|pour|pendant|por|durante|per|voor)\s(?:(?:the|at\sleast|about|another|les|las|los|le|i|de)\s)?(?:next\s)?$""",
    re.VERBOSE,
)
_AWAY_BEHIND = re.compile(r"\s(?:im urlaub|verreist|unterwegs|nicht (?:da|im haus|erreichbar)|abwesend)\b")


def is_away_until(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Travelling for the next two weeks": back after that, if it is not told."""
    if found.rule not in SPANS or context.clause & (TOLD | PAST | DONE | CONTRACT | EXPIRY):
        return False
    start = lexed.starts[found.core]
    if _AWAY.search(folded, max(start - _NEAR, 0), start):
        return True
    return lexed.language == "de" and _AWAY_BEHIND.match(folded, lexed.ends[found.last - 1]) is not None


def is_refused(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether the clause asks not to be called then."""
    is_until = lexed.language == "ja" and lexed.shapes[found.last : found.last + 1] == "U"  # "6月まで連絡不要"
    if is_until or set(found.lead) & set("UBA"):
        return False
    start = lexed.starts[found.first]
    if context.sentence & NOT and _NO_CALLS.search(folded, max(start - _NEAR, 0), start):
        return True
    first = max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1)
    end = lexed.shapes.find(",", found.last, context.last)
    last = context.last if end < 0 else end
    if context.clause & CALL and _POINTLESS.match(folded, lexed.ends[found.last - 1]):
        return True
    if lexed.language == "ja":
        return _IN_JAPANESE.search(folded, lexed.starts[first], lexed.ends[last - 1]) is not None
    before_verb = _BEFORE_VERB.get(lexed.language)
    if before_verb is None or not context.clause & CALL:
        return False
    start, stop = lexed.starts[first], lexed.ends[min(last, len(lexed.ends)) - 1]
    if _NOT_BEFORE.search(folded, start, stop):
        return False
    verbs = [place for place in range(first, last) if lexed.cues[place] & CALL and not found.core <= place < found.last]
    return any(before_verb.search(folded[start : lexed.starts[place]]) for place in verbs)

"""Days of something else, as the words right beside them tell: what we offered, what they need by then, a surname."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BACK, BUDGET, CALL, CONTRACT, ENDS, EVENT, EXPIRY, LATER, PUT, WAIT
from mappings.text import has_any

_BEFORE = 48  # characters that are looked at
_OUR_OFFER = re.compile(
    r"""\b(?:
      (?:we|wir|nous|nosotros|wij)\s(?:only\s)?(?:proposed|offered|quoted|needed|planned|estimated|promised|boten
        |proposions|ofrecimos|boden)
    | we\s(?:proposed|offered|suggested|planned|promised|wanted)\s(?:an?\s|the\s)?(?:\w+\s)?
        (?:start|go-?live|delivery|installation|kick-?off|roll-?out|date)(?:\sdate)?
    | (?:lead|delivery|response|payback|reaction|set-?up)\s(?:time|period)s?(?:\s(?:of|is|was|were|takes))?
    | vs\.?|versus)\W+$""",
    re.VERBOSE,
)
# "We pushed for May, they stalled".
_OUR_WISH = re.compile(r"\bwe(?:\shad|'d)?\s(?:only\s|really\s)?(?:pushed|aimed|hoped|lobbied|pressed|gunned)\s$")
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


# "Their visa expires in March": a paper, which is no contract.
_PAPERS = {
    "en": ("visa", "passport", "certif", "certs", "cert ", "voucher", "coupon", "card", "permit", "token", "link"),
    "de": ("visum", "pass ", "zertifik", "gutschein", "karte", "coupon"),
    "fr": ("visa", "passeport", "certif", "coupon", "carte"),
    "es": ("visa", "pasaporte", "certif", "cupon", "tarjeta"),
    "pt": ("visto", "passaporte", "certif", "cupo", "cartao"),
    "nl": ("visum", "paspoort", "certif", "kaart"),
    "it": ("visto", "passaport", "certif", "coupon"),
    "ja": ("ビザ", "パスポート", "証明書", "クーポン"),
}
_OF_A_PAPER = re.compile(
    r"""(?:\b(?:visas?|visum|visados?|vistos?|(?:reise)?pass|passports?|pasaportes?|passeports?|passaport[eo]s?|paspoort(?:en)?
      |certificates?|certs?|zertifikate?|certificats?|certificados?|certificat[oi]|certificaat
      |vouchers?|coupons?|cup(?:om|ones|ons)|gutscheine?|(?:\w+)?cards?|karte|tarjeta|cartao|kaart|permits?|tokens?|links?)\s
      (?:(?:is|ist|est|es|e|will|has|wird)\s)?(?:auto\s)?(?:valid|good|gultig|valable|valid[oa]|geldig|expir\w+|runs?\sout|laufe?n?t?|verfallt
        |caduca\w*|vence\w*|scade\w*|verloopt|verlopen)\b
      |(?:ビザ|パスポート|証明書|クーポン))[^.;,。、]{0,16}$""",
    re.VERBOSE,
)
# "The tender closes on 30 June", "invoice due tomorrow": the last day for somebody else.
_LAST_DAYS = {
    "en": ("tender", "rfp", "rfq", "bidding", "due"),
    "de": ("ausschreibung",),
    "fr": ("offres",),
    "es": ("licit", "concurso"),
    "pt": ("licit", "concurso", "edital"),
    "nl": ("aanbesteding",),
    "it": ("gara", "bando"),
}
_LAST_DAY = re.compile(
    r"""\b(?:(?:tender|rf[pq]|bidding|ausschreibung|appel\sd'offres|licitacion|concurso|licitacao|edital|gara|bando|aanbesteding)\s
        (?:(?:window|period|process)\s)?(?:closes?|endet|schliesst|(?:se\s)?termine|cloture|cierra|termina|vence|encerra|fecha|scade
          |(?:si\s)?chiude|sluit|eindigt)
      |(?:report|invoice|bill|rent|essay|assignment|homework|tax(?:es|\sreturn)|deliverables?|submission|bids?)s?\s(?:is\s|are\s)?due)\b
      [^.;,]{0,12}$""",
    re.VERBOSE,
)

# "Paused because of Christmas": why, not until when.
_CAUSES = {
    "en": ("due to", "because of", "owing to", "thanks to"),
    "de": ("wegen", "aufgrund", "infolge"),
    "fr": ("cause d", "raison d"),
    "es": ("debido", "causa de", "culpa de"),
    "pt": ("devido", "causa d"),
    "nl": ("wegens", "vanwege"),
    "it": ("causa d", "via d", "dovut"),
}
_BECAUSE_OF = re.compile(
    r"""\b(?:(?:due|owing|thanks)\sto|because\sof|wegen|aufgrund|infolge|(?:a\scause|en\sraison)\sd(?:e|u|es)|debido\sal?|por\sculpa\sdel?
      |a\scausa\sd\w+|devido\saos?|devido\sas?|por\scausa\sd\w+|wegens|vanwege|per\svia\sd\w+|dovut[oaie]\sa\w*)
      \s(?:(?:the|their|our|its|his|her|der|die|das|des|dem|ihre[rsn]?|unsere[rsn]?|la|le|les|leurs?|el|los|las|sus?|o|os|as|il|lo|i|gli
      |het|de|hun)\s)?$""",
    re.VERBOSE,
)
_MUCH = re.compile(r"(?:by|um|de|d'|en|em|di|met)\s")

_WITHIN = re.compile(r"(?:within|innerhalb|binnen|sous|dans un delai|en un plazo|dentro de|entro)\b")
_SAYS_WHEN = CALL | LATER | BACK | WAIT | CONTRACT | EXPIRY | BUDGET | ENDS


def _is_time_limit(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Please confirm in writing within 14 days": so long they give, for what is no call."""
    if found.first <= context.first or context.clause & _SAYS_WHEN:
        return False
    return _WITHIN.match(folded, lexed.starts[found.first]) is not None


def _is_cause_or_measure(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Paused because of Christmas", "push the go-live by two weeks"."""
    if found.rule in SPANS:
        is_put_off = context.clause & PUT and context.clause & EVENT and not context.clause & CALL
        return bool(is_put_off) and _MUCH.match(folded, lexed.starts[found.first]) is not None
    if not has_any(folded, _CAUSES.get(lexed.language, ())):
        return False
    core = lexed.starts[found.core]
    return _BECAUSE_OF.search(folded, max(core - _BEFORE, 0), core) is not None


def _is_somebody_elses_end(folded: str, language: str, low: int, start: int) -> bool:
    """The end of a paper, of a tender, or of the time for a bill."""
    if has_any(folded, _PAPERS[language]) and _OF_A_PAPER.search(folded, low, start):
        return True
    return has_any(folded, _LAST_DAYS.get(language, ())) and _LAST_DAY.search(folded, low, start) is not None


def is_of_something_else(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether the words beside a time say what it belongs to, and that is no day to come back."""
    start = lexed.starts[found.first]
    low = max(start - _BEFORE, 0)
    if _OUR_OFFER.search(folded, low, start) or (
        not _OF_A_FIELD.isdisjoint(folded[max(start - 2, 0) : start]) and _FIELD.search(folded, low, start)
    ):
        return True
    if found.lead == "u" and _OUR_WISH.search(folded, low, start):
        return True
    if found.rule in SPANS and (_PAYBACK.search(folded, low, start) or _is_time_limit(folded, lexed, found, context)):
        return True
    if _is_cause_or_measure(folded, lexed, found, context):
        return True
    if found.rule in _NAMES and folded[low:start].rstrip(" .").rpartition(" ")[2] in _TITLES:
        return True
    if not context.clause & (CALL | BUDGET) and _is_somebody_elses_end(folded, lexed.language, low, start):
        return True
    is_covered = has_any(folded, _COVER_STEMS) and _COVERED.search(folded, start)
    if is_covered and _OWN_ABSENCE.search(folded, max(start - 80, 0), start):
        return True
    is_by = not context.clause & CALL and _BY_THEN.match(folded, start)
    return bool(is_by and _NEEDED.search(folded, low, start))

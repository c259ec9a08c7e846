"""Times of what is not so, of what would only have been, and of when somebody has no time for us.

"It is not true that their contract ends in March", "it would have taken until February", "December is our busiest
month": the time is said, but nothing is to be done then.
"""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import CALL
from mappings.facts.mention import Base
from mappings.text import has_any

_FAR = 110  # characters that are looked at
_NEAR = 60
_KEPT = frozenset("UBA")
_DENYING = {
    "en": ("true that", "case that", "correct that", "accurate that", "right that", "false that", "wrong that"),
    "de": ("nicht, dass", "nicht zu, dass", "nicht dass", "wahr, dass", "richtig, dass", "falsch, dass"),
    "fr": ("vrai qu", "exact qu", "faux qu"),
    "es": ("cierto que", "verdad que", "correcto que", "falso que"),
    "pt": ("verdade que", "certo que", "correto que", "falso que"),
    "nl": ("niet dat", "waar dat", "onjuist dat"),
    "it": ("vero che", "corretto che", "falso che"),
}
_TURN = r"but|however|although|aber|sondern|jedoch|mais|cependant|pero|sino|mas|porem|maar|ma|pero'"
_NOT_SO = re.compile(
    rf"""(?:\b(?:not|isn't|ain't|never)\s(?:\w+ly\s|quite\s)?(?:true|the\scase|correct|accurate|right)\sthat
      |\b(?:false|wrong)\sthat
      |\b(?:stimmt\snicht|trifft\snicht\szu|nicht\s(?:wahr|richtig|korrekt)|falsch),?\sdass
      |\b(?:pas\s(?:vrai|exact)|faux)\squ(?:e\b|')
      |\b(?:no\ses\s(?:cierto|verdad|correcto)|es\sfalso)\sque
      |\b(?:nao\se\s(?:verdade|certo|correto)|e\sfalso)\sque
      |\b(?:klopt\sniet|niet\swaar|onjuist)\sdat
      |\b(?:non\se\s(?:vero|corretto)|e\sfalso)\sche)
      (?:(?!\b(?:{_TURN})\b)[^.;])*$""",
    re.VERBOSE,
)
_IS_NOT_SO = re.compile(r"[^。]{0,12}(?:というのは|とのことは)(?:誤り|間違い|嘘|事実では(?:ない|ありません))")
_IRREAL = {
    "en": ("would", "'d have"),
    "fr": ("aurai",),
    "es": ("habria", "hubie"),
    "pt": ("teria", "tivesse"),
    "nl": ("zou",),
    "it": ("avrebbe", "sarebbe"),
}
_WOULD_HAVE = re.compile(
    r"""(?:\b(?:would(?:n't|\snot)?|\w+'d)\shave\s(?:only\s|just\s|probably\s|easily\s|been\s)?
        (?!(?:liked|preferred|loved|wanted)\b)(?:\w+ed|taken|run|been|gone|begun|come|meant|cost)
      |\baurai(?:t|ent)\s(?:encore\s|bien\s)?(?:pris|dure|fallu|termine|commence|ete|coute|demande|necessite|attendu)\w*
      |\b(?:habria|hubiera|hubiese)n?\s\w+[ai]do
      |\b(?:teria|tivesse)m?\s\w+[ai]do
      |\bavrebber?o?\s(?:preso|\w+[aui]to)
      |\bsarebbe(?:ro)?\s(?:durat|stat|finit|terminat|iniziat|andat)[oaie])\b[^.;,]{0,30}$""",
    re.VERBOSE,
)
_ZOU = re.compile(r"\bzou(?:den)?\s[^.;,]{0,30}$")
_GEDUURD = re.compile(r"[^.;,]{0,20}?\s(?:(?:hebben|zijn)\sge\w+|ge\w+\s(?:hebben|zijn))\b")

_BUSY = {
    "en": (
        "bus", "hectic", "slammed", "swamped", "packed", "crazy", "flat out", "peak", "season", "booked", "overloaded",
        "snowed", "underwater", "nuts", "chaotic", "insane", "time", "capacity", "bandwidth", "resource", "headspace",
    ),
    "de": (
        "saison", "betrieb", "lastet", "gebucht", "beschaftigt", "stress", "hektisch", "voll", "viel los",
        "zu tun", "zeit", "kapazit", "ressourc",
    ),
    "fr": ("charge", "deborde", "saison", "intense", "temps", "capacite", "ressourc"),
    "es": (
        "temporada", "a tope", "ocupad", "saturad", "liad", "llen", "complicad", "desbordad", "tiempo",
        "capacidad", "recursos",
    ),
    "pt": (
        "temporada", "corrid", "atarefad", "lotad", "puxad", "chei", "ocupad", "sobrecarregad", "tempo",
        "capacidade", "recursos",
    ),
    "nl": ("druk", "seizoen", "vol", "hectisch", "tijd", "capaciteit"),
    "it": ("impegn", "oberat", "stagione", "pien", "intens", "frenetic", "caotic", "tempo", "capacita", "risorse"),
    "ja": ("忙", "立て込", "繁忙"),
}  # fmt: skip
_NOT_LESS = (
    "not|less|least|never|no|hardly|than|after|before|when|once|until|nicht|kein|keine|weniger|nie|wenn|sobald|erst|bis"
    "|pas|plus|moins|jamais|avant|apres|quand|menos|nunca|antes|despues|cuando|nao|depois|quando|niet|minder|pas|non"
    "|meno|mai|prima|dopo"
)
_IS_BUSY = re.compile(
    rf"""\s(?:season\s|period\s|months?\s|time\s)?
      (?:is|are|was|will\sbe|looks?|gets?|ist|sind|wird|est|sont|sera|es|esta|estan|e|estao|zijn|wordt|sono|sara)\s
      (?:(?!(?:{_NOT_LESS})\b)[\w']+\s){{0,5}}?
      (?:bus(?:y|iest|ier)|hectic|packed|crazy|nuts|slammed|swamped|chaotic|insane|(?:peak|high)\s(?:season|time)|flat\sout
      |(?:fully\s)?booked(?:\s(?:up|solid|out))?
      |voll|hochsaison|hauptsaison|hochbetrieb|stressig\w*|hektisch|ausgelastet|ausgebucht|uberlastet|viel\slos|land\sunter
      |(?:sur)?charge\w*|deborde\w*|intense|haute\ssaison|pleine\ssaison
      |temporada\salta|a\stope|complicad[oa]|ocupad\w+|llen[oa]|saturad[oa]s?
      |corrid[oa]s?|alta\stemporada|lotad[oa]|chei[oa]|puxad[oa]
      |impegnativ[oaie]|impegnat[oaie]|pien[oaie]|alta\sstagione|caotic[oaie]|frenetic[oaie]|intens[oaie]
      |druk(?:ste)?|hoogseizoen|vol|hectisch|volgeboekt)\b
    |(?:は|には?|が|ごろ|頃){{0,2}}(?:とても|非常に|かなり|一番|最も|毎年)?(?:忙し|繁忙|多忙|立て込)""",
    re.VERBOSE,
)
_BUSY_BEHIND = re.compile(
    r"""\s(?:(?:immer|sehr|total|komplett|voll|extrem|ganz|meist|erg|heel|helemaal)\s){0,3}
      (?:ausgelastet|ausgebucht|uberlastet|beschaftigt|zu\stun|viel\slos|land\sunter|druk|volgeboekt)\b""",
    re.VERBOSE,
)
_NO_TIME = r"""(?:(?:no|zero)\s(?:time|capacity|bandwidth|resources?|headspace)|keine?\s(?:zeit|kapazitat\w*|ressourcen)
  |(?:pas|plus)\s(?:le|de)\s(?:temps|capacite|ressources?)|(?:sin|no\s(?:tienen?|hay|habra))\s(?:tiempo|capacidad|recursos)
  |(?:sem|nao\s(?:tem|ha|havera))\s(?:tempo|capacidade|recursos)|geen\s(?:tijd|capaciteit)
  |(?:non\s(?:hanno|ha|c'e)|niente|senza)\s(?:tempo|capacita|risorse))"""
_NO_TIME_THEN = re.compile(
    rf"""[^.;]{{0,3}}\s(?:(?:and|so|und|daher|also|et|donc|y|e|en|dus|quindi)\s)?(?:(?:they|we|have|has|there's|there\sis|haben|hat)\s){{0,2}}
      {_NO_TIME}\b(?!\s(?:before|until|till|earlier|sooner|vorher|bis|avant|antes|prima|voor))""",
    re.VERBOSE,
)
_NO_TIME_BEFORE = re.compile(rf"\b{_NO_TIME}(?:\s(?:for|fur|pour|para|voor|per)\s\w+(?:\s\w+)?)?\s?$", re.VERBOSE)
_BUSY_BEFORE = re.compile(
    r"""\b(?:busy|swamped|slammed|flat\sout|snowed\sunder|hectic|underwater|overloaded|(?:fully\s)?booked(?:\s(?:up|solid|out))?
      |ausgelastet|ausgebucht|uberlastet|beschaftigt|debordee?s?|surchargee?s?
      |(?:ocupad|saturad|liad|desbordad|atarefad|sobrecarregad)[oa]s?|a\stope|(?:impegnat|oberat)[oaie]|volgeboekt|druk)
      (?:\s(?:all|right|for|toda|todo|tout|tutt[oa]|alle))?\s?$""",
    re.VERBOSE,
)

# "They like it, but the owner is on leave in August", "in augustus op vakantie".
_LEAVE = (
    "viaj", "vacacion", "urlaub", "elternzeit", "conge", "vacances", "ferie", "ferias", "vakantie", "verlof", "holiday",
    "vacation", "leave", "licenc", "maternit", " baja", "travel", "viagg", "reisen", "mutterschutz", "出張", "休暇",
)  # fmt: skip
_AWAY = r"""(?:(?:on|im|in|en|de|in|op|met|em)\s(?:(?:annual|parental|mat(?:ernity)?|paternity)\s)?
  (?:holidays?|vacation|leave|urlaub|elternzeit|mutterschutz|conges?(?:\s(?:mat\w*|parental))?|vacances|vacaciones|baja|viaje|ferias|licenca
    |ferie|maternita|vakantie|verlof)|viaja(?:n|m)?|viaggia(?:no)?|travelling|traveling|auf\sreisen)"""
_AWAY_BEFORE = re.compile(rf"\b{_AWAY}\s?$", re.VERBOSE)
_BACK_FROM = re.compile(
    r"\b(?:back|retour|revient|vuel\w+|volt\w+|regres\w+|rientr\w+|torn\w+|terug|zuruck)\b[^.;,]{0,8}$"
)
_AWAY_BEHIND = re.compile(
    rf"\s(?:(?:ist|sind|is|zijn|sie|er|ze|alle|de|he|she)\s){{0,3}}{_AWAY}\b(?!\s(?:bis|until|tot))|は(?:出張|休暇)",
    re.VERBOSE,
)


def is_unreal(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether nothing is to be done then: it is denied, would only have been, or they are busy at that time."""
    start, end = lexed.starts[found.first], lexed.ends[found.last - 1]
    if has_any(folded, _DENYING.get(lexed.language, ())) and _NOT_SO.search(folded, max(start - _FAR, 0), start):
        return True
    if lexed.language == "ja" and _IS_NOT_SO.match(folded, end):
        return True
    is_irreal = has_any(folded, _IRREAL.get(lexed.language, ())) and not context.clause & CALL
    if is_irreal and _would_have_been(folded, start, end):
        return True
    if found.rule in SPANS or not _KEPT.isdisjoint(found.lead):
        return False
    if _is_away_then(folded, found, context, start, end):
        return True
    if not has_any(folded, _BUSY[lexed.language]):
        return False
    if found.when.base is Base.UNIT and not found.when.shift:
        return False  # "no time this quarter" leaves the next
    return _is_busy_then(folded, start, end) or (
        not context.clause & CALL and _NO_TIME_THEN.match(folded, end) is not None
    )


def _is_away_then(folded: str, found: Found, context: Context, start: int, end: int) -> bool:
    """ "On leave in August": nobody is there in that month, and no other is named."""
    if found.rule not in _WHILE_AWAY or context.clause & CALL or not has_any(folded, _LEAVE):
        return False
    away = _AWAY_BEFORE.search(folded, max(start - 30, 0), start)
    if away is not None:
        return _BACK_FROM.search(folded, max(away.start() - 20, 0), away.start()) is None
    return _AWAY_BEHIND.match(folded, end) is not None


_WHILE_AWAY = frozenset({"month", "season", "quarter"})


def _would_have_been(folded: str, start: int, end: int) -> bool:
    """ "It would have taken until February"."""
    first = max(start - _NEAR, 0)
    if _WOULD_HAVE.search(folded, first, start):
        return True
    return _ZOU.search(folded, first, start) is not None and _GEDUURD.match(folded, end) is not None


def _is_busy_then(folded: str, start: int, end: int) -> bool:
    """ "Swamped in Q4", "December is our busiest month"."""
    if _IS_BUSY.match(folded, end) or _BUSY_BEHIND.match(folded, end):
        return True
    first = max(start - _NEAR, 0)
    return bool(_BUSY_BEFORE.search(folded, first, start) or _NO_TIME_BEFORE.search(folded, first, start))

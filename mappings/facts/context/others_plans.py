"""Days of what a product or a rival will do, and days of which nobody can say anything yet.

"The module is not available before next year", "their rival launches in spring", "can't say anything about 2028 yet".
"""

from __future__ import annotations

import re

from mappings.facts.grammar.times import Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import CALL, CONTRACT, NOT
from mappings.facts.meaning.statements import clause_around
from mappings.facts.meaning.waits import waits_for_it
from mappings.model import FactKind
from mappings.text import has_any

_NEAR = 70  # characters that are looked at
_PRODUCT_STEMS = (
    "product", "produ", "prodott", "feature", "func", "funk", "funz", "fonc", "modul", "model", "versi", "versa",
    "integr", "conne", "cone", "plug", "app", "interface", "schnittstelle", "anbindung", "variante", "software",
    "oberflache", "interfaz", "logiciel", "aplica", "koppel", "機能", "製品", "商品", "モジュール",
    "バージョン", "連携", "アプリ", "新型", "後継",
)  # fmt: skip
_READY = re.compile(
    r"""\b(?:available|ready|released?|launch(?:ed|es|ing)?|ships?|shipped|verfugbar|fertig|lieferbar|erschein(?:t|en)
      |disponib(?:le|les|ile|ili)|disponive(?:l|is)|prete?s?|sort(?:e|ent|i|ira|irait|iront)?|beschikbaar|klaar
      |leverbaar|uit
      |pront[oaie]|list[oa]s?|esce|escono|uscira|kommt|kommen|komt|komen|llegan?|arrivent?|chegam?|arrivano?|salen?|saldra|saira|sai
      |lanc(?:ado|ada|ara|iato|iata)|lanz(?:ado|ada|ara))\b
      |提供|リリース|発売|対応""",
    re.VERBOSE,
)
_PRODUCT = re.compile(
    r"""\b(?:products?|features?|functionality|modules?|versions?|integrations?|connectors?|plug-?ins?|apps?|applis?|interface
      |produkte?|produktvariante|funktion(?:en)?|moduls?|schnittstellen?|anbindung(?:en)?|variante|software|(?:benutzer)?oberflache
      |produits?|fonctions?|fonctionnalites?|connecteurs?|logiciels?|modeles?
      |productos?|funcion(?:es)?|funcionalidad(?:es)?|modulos?|conector(?:es)?|integracion(?:es)?|aplicacion(?:es)?|interfaz
      |produtos?|funcao|funcoes|funcionalidades?|versao|versoes|integracao|integracoes
      |prodott[oi]|funzion[ei]|funzionalita|moduli|version[ei]|integrazion[ei]|connettor[ei]
      |functies?|functionaliteit|koppeling(?:en)?|versies?|integraties?|modellen)\b
      |機能|製品|商品|モジュール|バージョン|連携|アプリ|新型|後継""",
    re.VERBOSE,
)
# Who waits for a product, or for one of their own, says when to come back.
_WAITS = re.compile(
    r"""\b(?:wait\w*|once|when|until\sthe|(?:ab)?warte\w*|sobald|wenn|nachdem|attend\w*|attente|quand|lorsque|des\sque|une\sfois
      |esper\w*|cuando|una\svez|tras|aguard\w*|quando|assim\sque|apos|depois|despues|aspett\w*|appena|dopo|wacht\w*|zodra
      |wanneer|nadat|apres|after|nach
      |their|ihr(?:e[snmr]?)?|leurs?|sus?|seus?|suas?|loro|hun)\b|先方|待|たら|次第|後""",
    re.VERBOSE,
)
_TILL_THEN = re.compile(
    r"[,;.–-]?\s?(?:und |and |y |et |e |en )?(?:vorher|davor|bis dahin|before that|until then|till then"
    r"|avant cela|d'ici la|antes|hasta entonces|ate la|prima|fino ad allora|daarvoor|tot dan|それまで)"
)
_RIVAL_STEMS = ("ompetit", "competid", "ompeten", "rival", "bewerb", "onkurren", "oncurren", "oncorren", "競合")
_RIVAL = re.compile(
    r"""\b(?:competitors?|competition|rivals?|mitbewerber\w*|wettbewerb\w*|konkurren\w*|concurrents?|concurrence|competidor(?:es)?
      |competencia|concorrent[ei]s?|concorrencia|concorrenza)\s(?:\w+\s){0,2}
      (?:launch\w*|releas\w*|rais\w*|increas\w*|open\w*|announc\w*|bring\w*|erhoh\w*|start\w*|lanc\w*|augment\w*|sort\w*|ouvr\w*
        |annonc\w*|lanz\w*|saca\w*|sub(?:e|en|ira|iran)|aument\w*|abr\w*|esc\w*|alz\w*|apr\w*|kom\w*|verhoog\w*)\b
      |(?:競合|ライバル)(?:他社|社)?[はがもの].{0,16}(?:値上げ|値下げ|発売|リリース|参入|撤退|発表)""",
    re.VERBOSE,
)
_ROADMAP = re.compile(r"\b(?:vendor|supplier|provider|manufacturer|product)(?:'s|s'?)?\s(?:\w+\s)?roadmap\b")
# "Targeting 30 GW by 2028": a figure they mean to reach.
_AIMED_AT_STEMS = (
    "target", "aim", "goal", "grow", "ziel", "wachs", "objecti", "objeti", "meta", "cresc", "crec", "doel", "obiett",
)  # fmt: skip
_AIMED_AT = re.compile(
    r"""\b(?:target\w*|aim\w*|goals?|grow\w*|ziel\w*|wachs\w*|objecti[fv]\w*|objetivo\w*|metas?|cresc\w*|crec\w*|doel\w*|obiettiv\w*)
      \b[^.;]{0,30}?\d[\d.,]*\s?(?:%|percent|prozent|[kmgt]?wh?|tonn?e?[ns]?|million\w*|billion\w*|mio|mrd|bn|mn|arr|mrr|km|ha|m2)
      [^.;,\w]?(?:\s[^.;,\d]{0,24})?$""",
    re.VERBOSE,
)
_NOT_KNOWN_STEMS = ("say", "know", "tell", "sag", "weiss", "wissen", "sai", "sav", "dire", "sab", "dec", "diz", "sann",
                    "zegg", "weet", "weten", "の話", "のこと")  # fmt: skip
_NOT_KNOWN = re.compile(
    r"""\b(?:
      (?:can't|cannot|can\snot|couldn't|unable\sto|too\searly\sto|don't|doesn't|do\snot|does\snot)\s(?:yet\s|really\s)?
        (?:say|know|tell)(?:\s(?!if|whether|before)\w+){0,3}\s(?:about|for|on)
    | (?:sai[st]|savent|savons)\s(?:encore\s)?(?:pas|rien)(?:\s(?:encore|ce\sque))?(?:\s\w+){0,2}?
    | (?:peu(?:t|vent)|pouvons)\s(?:encore\s)?(?:pas|rien)\s(?:encore\s)?dire(?:\s\w+){0,2}?
    | no\s(?:saben?|sabemos|(?:pueden?|podemos)\sdecir)\s(?:todavia\s|aun\s|nada\s)*(?:que|como|nada|de|sobre)
      (?:\s\w+){0,2}
    | nao\s(?:sabe[m]?|sabemos|pode[m]?\sdizer)\s(?:ainda\s|nada\s)*(?:o\sque|como|nada|de|sobre)(?:\s\w+){0,2}
    | non\s(?:sa|sanno|sappiamo|possono\sdire)\s(?:ancora\s|nulla\s|niente\s)*(?:cosa|come|che|di|su|sul|per)
      (?:\s\w+){0,2}
    | (?:(?:weten?|weet)\s(?:nog\s)?niet|(?:kunnen|kan)\s(?:nog\s)?niets?\szeggen)\s(?:over|wat|hoe|van)(?:\s\w+){0,2}
    )\s?$""",
    re.VERBOSE,
)
_NOT_KNOWN_BEHIND = re.compile(
    r"""\s(?:(?:kann|konnen|konnten|lasst|kan|kunnen)\s)?(?:(?:sie|er|man|wir|sich|ze|zij|hij|we|je|noch|nog|derzeit|aktuell|heute|schon|al)\s){0,3}
      (?:nichts|nicht|niets|niet)\s(?:\w+\s)?(?:sagen|zusagen|versprechen|absehbar|bekannt|zeggen|beloven|bekend)\b
      |の(?:話|こと|計画|見通し|状況)(?:は|など)?[^。、]{0,8}(?:できな|出来な|わからな|分からな|決まって(?:い)?な|見えな|言えな|不明|未定)""",
    re.VERBOSE,
)
# "Nothing is planned for 2027".
_NOTHING_PLANNED = re.compile(
    r"""\b(?:nothing|nichts|rien|nada|niets|niente|nulla|no\splans?|keine\splane)\s(?:[\w']+\s){0,2}?
      (?:(?:planned|scheduled|geplant|vorgesehen|prevu|planifie|previst[oa]|planead[oa]|gepland|voorzien|programma)\s)?
      (?:for|in|fur|pour|en|para|em|per\sil|per|nel|voor)\s$""",
    re.VERBOSE,
)
# "Not a priority in 2027", "not on the roadmap for Q3": the period in which they will not.
_NO_PRIORITY = re.compile(
    r"""\b(?:
      (?:not|isn't|no\slonger|never)\s(?:really\s)?(?:(?:on|in)\s(?:the|our|their)\s|an?\s|our\s|their\s|the\s)?(?:\w+\s)?
        (?:priority|agenda|roadmap|radar|topic|focus|cards)\s(?:for|in)
    | (?:can't|cannot|can\snot|won't|unable\sto)\s(?:do|make|manage)(?:\sit)?(?:\s(?:in|for|by))?
    | (?:don't|doesn't|not)\sexpect\s(?:an?\s|any\s)?\w+\s(?:for|in)
    | no\s(?:decision|project|purchase|investment|replacement)s?\s(?:(?:is|are)\s)?
        (?:(?:planned|expected|due)\s)?(?:for|in)
    | keine?\s(?:prioritat|thema)\s(?:fur|in|im) | pas\s(?:une\s|la\s)?priorite\s(?:pour|en)
    | no\s(?:es\s)?(?:una\s)?prioridad\s(?:para|en) | nao\s(?:e\s)?(?:uma\s)?prioridade\s(?:para|em)
    | geen\s(?:prioriteit|thema)\s(?:voor|in) | non\s(?:e\s)?(?:una\s)?priorita\s(?:per|nel)
    )\s(?:the\s|das\s|el\s|o\s|il\s|het\s)?$""",
    re.VERBOSE,
)
_PRIORITY_STEMS = (
    "priori", "agenda", "roadmap", "radar", "topic", "thema", "focus", "cards", "no decision", "no p",
    "no investment", "can't", "cannot", "can not", "won't", "unable", "expect",
)  # fmt: skip
_PERIODS = frozenset({"year", "quarter", "half", "month", "season", "fiscal"})
_NOTHING_PLANNED_BEHIND = re.compile(
    r"""[,]?\s(?:\w+\s){0,3}?(?:nothing|nichts|rien|nada|niets|niente|nulla)\s(?:\w+\s){0,2}?
      (?:planned|scheduled|geplant|vorgesehen|prevu|planifie|previst[oa]|planead[oa]|gepland|voorzien|in\sprogramma)\b
      |(?:の?中?は|には?)[^。、]{0,8}(?:予定|計画)(?:は|が|も)?(?:な[いしく]|ありません|ございません)""",
    re.VERBOSE,
)
# "If it is not ready by July it is of no use".
_THERE = r"""(?:ready|live|there|in\splace|done|delivered|installed|available|possible|fertig|verfugbar|geliefert
  |lieferbar|moglich
  |einsatzbereit|prete?|livree?|installee?|disponible|possible|list[oa]|entregad[oa]|instalad[oa]|posible|pront[oa]|entregue
  |disponivel|possivel|consegnat[oa]|installat[oa]|disponibile|possibile|klaar|geleverd|beschikbaar|mogelijk)"""
_IF_NOT = re.compile(
    rf"""\b(?:if|unless|wenn|falls|sofern|si|se|als|indien)\s(?:[\w']+\s){{0,3}}?
      (?:not|isn't|aren't|can't|won't|nicht|n'est\spas|ne\s\w+\spas|no|nao|non|niet)\b
      [^.;,]{{0,20}}\b{_THERE}\b[^.;,]{{0,12}}$""",
    re.VERBOSE,
)
_IF = re.compile(r"\b(?:wenn|falls|sofern|als|indien)\s[^.;,]{0,25}$")
_NOT_BEHIND = re.compile(
    rf"""[^.;,]{{0,15}}\b(?:nicht|niet)\s{_THERE}\b
      |(?:まで|中)に?[^。、]{{0,15}}(?:でき|出来|間に合わ|始められ|使え)(?:ない|なけれ|なかった)""",
    re.VERBOSE,
)
_OFFER_ENDS = re.compile(
    r"""\b(?:offers?|promos?|promotions?|discounts?|campaigns?|angebot\w*|aktion|sonderaktion|rabatt|offres?|remise|campagne
      |ofertas?|promocion|descuento|campana|desconto|promocao|campanha|offerta|sconto|promozione|campagna|aanbieding|korting)
      \b[^.;,]{0,40}$""",
    re.VERBOSE,
)
_BUSY_BEHIND = re.compile(r"\szit(?:ten)?\s(?:\w+\s){0,2}(?:vol|druk|krap)\b")  # "tot november zitten ze vol"
_NOTHING_STEMS = ("nothing", "nicht", "rien", "nada", "niet", "nient", "nulla", "no plan", "keine plan", "予定", "計画")
_NO_CONTRACT = re.compile(
    r"""\b(?:no|not\sany|keine?n?|aucun|ningun|nenhum|nessun|geen)\s(?:\w+\s)?
      (?:contracts?|contrats?|contratos?|contratt[oi]|vertrage?|contracten|renewals?)\b[^.;,]{0,30}$""",
    re.VERBOSE,
)
# "1月に値上げ予定", 10月末までに移行完了を目標: when prices change, and by when they mean to be done.
_SET_THEN = re.compile(
    r"(?:に|から|より)[^。、]{0,8}(?:値上げ|値下げ|価格改定)"
    r"|まで(?:に)?[^。、]{0,12}(?:完了|稼働|移行|公開)[^。、]{0,6}(?:目標|目指)"
)
_SET_OFF = frozenset("UBA")


def is_of_others_plans(folded: str, lexed: Lexed, found: Found, context: Context, kind: FactKind) -> bool:
    """Whether a time belongs to a product, a rival or an offer, or to what nobody knows yet."""
    start, end = lexed.starts[found.first], lexed.ends[found.last - 1]
    low = max(start - _NEAR, 0)
    if kind is FactKind.CONTRACT_END:
        if context.clause & NOT and _SET_OFF.isdisjoint(found.lead) and _NO_CONTRACT.search(folded, low, start):
            return True
        return not context.clause & CONTRACT and (
            _OFFER_ENDS.search(folded, low, start) is not None or _BUSY_BEHIND.match(folded, end) is not None
        )
    if kind is not FactKind.REVISIT or context.sentence & CALL:
        return False
    if has_any(folded, _NOT_KNOWN_STEMS) and _SET_OFF.isdisjoint(found.lead) and _is_not_known(folded, low, start, end):
        return True
    if _is_condition(folded, lexed, found, low, end) or _SET_THEN.match(folded, end):
        return True
    if _SET_OFF.isdisjoint(found.lead) and _is_without_plans(folded, lexed, found, low, end):
        return True
    if has_any(folded, _RIVAL_STEMS) and _RIVAL.search(folded, low, end + _NEAR // 2):
        return True
    if "roadmap" in folded and _ROADMAP.search(folded, low, start):
        return True
    if has_any(folded, _AIMED_AT_STEMS) and _AIMED_AT.search(folded, low, start):
        return True
    return has_any(folded, _PRODUCT_STEMS) and _is_a_products(folded, lexed, found, context)


def _is_not_known(folded: str, low: int, start: int, end: int) -> bool:
    return (_NOT_KNOWN.search(folded, low, start) or _NOT_KNOWN_BEHIND.match(folded, end)) is not None


def _is_condition(folded: str, lexed: Lexed, found: Found, low: int, end: int) -> bool:
    """Whether they set it as a day by which something must be there, which it cannot be."""
    start = lexed.starts[found.first]
    denied = None if lexed.language == "ja" else _IF_NOT.search(folded, low, start)
    if denied is not None:
        return lexed.language != "pt" or "nao" in denied[0]  # "se decide no verão"
    is_led = lexed.language == "ja" or _IF.search(folded, low, start) is not None
    return is_led and _NOT_BEHIND.match(folded, end) is not None


def _is_without_plans(folded: str, lexed: Lexed, found: Found, low: int, end: int) -> bool:
    """ "Nothing is planned for 2027"."""
    core = lexed.starts[found.core]
    is_period = found.rule in _PERIODS and has_any(folded, _PRIORITY_STEMS)
    if is_period and _NO_PRIORITY.search(folded, low, core):
        return True
    if not has_any(folded, _NOTHING_STEMS):
        return False
    return (_NOTHING_PLANNED.search(folded, low, core) or _NOTHING_PLANNED_BEHIND.match(folded, end)) is not None


def _is_a_products(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "The integration won't be ready before next year", unless they wait for it."""
    first, last = clause_around(lexed, found, context)
    opened, closed = lexed.starts[first], lexed.ends[min(last, len(lexed.ends)) - 1]
    if not (_PRODUCT.search(folded, opened, closed) and _READY.search(folded, opened, closed)):
        return False
    if _TILL_THEN.match(folded, lexed.ends[found.last - 1]):
        return False
    return not _WAITS.search(folded, opened, lexed.starts[found.first]) and not waits_for_it(lexed, found, context)

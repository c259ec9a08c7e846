"""Short remarks that name a time and little else: "early autumn, he thinks", "something for H2", "a year from now".

Nothing around the time says what it is to be, so it is when to come back, unless the words tell a story.
"""

from __future__ import annotations

import re

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    ASKED,
    BLOCK,
    BUDGET,
    CONTRACT,
    DONE,
    EVENT,
    EXPIRY,
    HAVE,
    MISSED,
    NOT,
    PAST,
    REPORT,
    STARTS,
    TOLD,
)
from mappings.facts.meaning.neighbours import has_cue
from mappings.facts.mention import Base, Edge

_SHORT_REMARK = 6
_FEW = 2
_PERIODS = frozenset({"month", "quarter", "half", "season", "fiscal"})
_STORY = TOLD | MISSED
_AWAITED = frozenset({Base.MONTH, Base.QUARTER, Base.HALF, Base.SEASON, Base.FEAST, Base.NONE})


def is_remark(lexed: Lexed, found: Found, context: Context) -> bool:
    """Whether the time itself is all that the clause says, or all it leads up to."""
    return (
        found.is_from_now
        or _is_topic_of(lexed, found)
        or _is_hedged(lexed, found)
        or _is_good_time(lexed, found, context)
        or _is_bare(lexed, found, context)
        or _is_attributed(lexed, found, context)
        or _is_aimed_at(lexed, found, context)
        or _is_waited_for(found, context)
        or _is_denied(lexed, found, context)
    )


def _is_bare(lexed: Lexed, found: Found, context: Context) -> bool:
    """Nothing is said but the date, so that is when to come back."""
    outside = lexed.shapes[context.first : found.first] + lexed.shapes[found.last : context.last]
    is_lone_year = found.rule == "year" and found.first == found.core
    is_lone_weekday = found.rule == "weekday" and lexed.shapes[found.core] != "n"
    if is_lone_year or is_lone_weekday or len(outside) > _SHORT_REMARK:
        return False
    before = lexed.shapes[: found.first].rstrip("o")
    beside = before[-1:] + lexed.shapes[found.last : found.last + 1]
    denials = _count(lexed, context, NOT) if found.when.base is Base.UNIT else 0  # "not this year"
    if outside.count("_") <= denials:
        return True
    is_apart = beside in {",", ",.", ",,"} and lexed.shapes[-1] != "_"
    is_answer = context.sentence & REPORT and context.sentence & NOT  # "April (the CFO) said no"
    return is_apart and not is_answer and not context.sentence & (_STORY | PAST | DONE)


_HEDGE = re.compile(
    r"""\s(?:(?:is|would\sbe|will\sbe|was)\swhen\s(?:they|we|he|she|it|things)|at\sbest|if\s(?:ever|at\sall|anything)|or\s(?:later|thereabouts|so)|at\sthe\svery\searliest|wenn\suberhaupt|bestenfalls
      |au\smieux|como\smuy\spronto|en\sel\smejor\sde\slos\scasos|na\smelhor\sdas\shipoteses|op\szijn\svroegst|al\spiu\spresto
      |se\stutto\sva\sbene)\b""",
    re.VERBOSE,
)


def _is_hedged(lexed: Lexed, found: Found) -> bool:
    """ "1H27 at best"."""
    is_first = found.first == 0 or lexed.shapes[found.first - 1] in ".,"
    return is_first and found.rule != "past" and _HEDGE.match(lexed.folded, lexed.ends[found.last - 1]) is not None


_THEM = r"""(?:\W*$|[.,;)]|\s(?:for|fur|pour|para|per|voor|a)\s
  (?:me|us|them|him|her|it|ihn|sie|uns|mich|lui|moi|nous|eux|ellos?|ella|nosotros|eles?|elas?|nos|mim|loro|noi|hen|hem|ons)\b)"""
_GOOD_TIME = re.compile(
    rf"""\s(?:
      (?:would|will|might|could|should|may|'d)\s(?:probably\s|likely\s)?be\s(?:(?:probably|much|far|an?|the|our)\s){{0,2}}
        (?:good|right|better|best|ideal|perfect|great|fine|ok(?:ay)?|(?:more\s)?realistic|easier|safer|convenient)\b
    | (?:is|looks?|seems?|sounds?)\s(?:(?:much|far|more|probably|a|the)\s){{0,2}}
        (?:better|best|ideal|perfect|easier|realistic|right|good)(?:\s(?:time|moment|timing|bet))?{_THEM}
    | (?:ware|wird)\s(?:\w+\s){{0,3}}(?:besser|gunstiger|ideal|passend\w*|realistisch\w*|guter?|richtige|beste)\b
    | ist\s(?:wohl\s|der\s|viel\s)?(?:besser|gunstiger|ideal|richtige\szeitpunkt){_THEM}
    | (?:serait|sera)\s(?:(?:plutot|sans|doute|un|le|plus|bien)\s){{0,3}}
        (?:bon|meilleur|ideal|mieux|parfait|adapte|propice|realiste|moment)\b
    | (?:est|semble)\s(?:un\s|le\s|plus\s)?(?:bon\smoment|mieux|ideal|propice|meilleur\smoment){_THEM}
    | (?:(?:would|could|might|should)\s(?:probably\s|also\s)?work
        |(?:is|looks?|seems?|sounds?)\s(?:doable|feasible|possible)
        |(?:konnte|ware)\s(?:wohl\s|auch\s|bei\suns\s)?(?:gehen|passen|klappen|machbar|moglich)|ginge
        |serait\s(?:jouable|faisable|possible)|pourrait\saller|seria\s(?:viable|viavel|factible|posible|possivel)
        |podria\sser|poderia\sser|zou\s(?:kunnen|lukken|passen)|potrebbe\sandare|sarebbe\s(?:fattibile|possibile)){_THEM}
    | (?:conviendrait|conviendra|convient|irait|arrangerait)\b
    | (?:seria|vendria|iria)\s(?:(?:un|el|o|um|mas|mais|mucho|muito)\s){{0,2}}
        (?:mejor|buen|melhor|bom|ideal|adecuado|adequado|perfecto|perfeito|realista|momento)\b
    | (?:es|e|parece|viene|fica)\s(?:mejor|melhor|ideal|meglio|ideale){_THEM}
    | (?:sarebbe|sara)\s(?:(?:il|un|piu|molto)\s){{0,2}}(?:meglio|migliore|ideale|perfetto|momento|periodo|buon)\b
    | zou\s(?:\w+\s){{0,3}}(?:beter|beste|goed|ideaal|juiste|geschikt\w*|prettiger)\b
    | (?:is|lijkt)\s(?:beter|ideaal|prettiger){_THEM}
    )|(?:頃|ごろ|あたり)?(?:が|なら|だと|の(?:方|ほう)が)
      (?:ちょうど|都合が?|一番|タイミングが?)?(?:いい|良い|よい|理想|最適|適切|助か)""",
    re.VERBOSE,
)


def _is_good_time(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Said March would be the right time"."""
    if found.rule not in _PERIODS or has_cue(lexed, context.first, found.first, _STORY | NOT):
        return False
    before = lexed.shapes[max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1) : found.first]
    return before.count("_") <= _FEW and _GOOD_TIME.match(lexed.folded, lexed.ends[found.last - 1]) is not None


# "June won't do, September might": what they say would do, whatever else the sentence tells.
_WOULD_DO = re.compile(
    rf"""\s(?:
        (?:would|could|might|should)(?:\s(?:probably|also|perhaps))?(?:\s(?:work|do|suit))?
      | (?:konnte|ware|wurde)\s(?:(?:es|das|wohl|auch|eher|bei\suns|schon|vielleicht)\s){{0,3}}
        (?:gehen|passen|klappen|machbar|moglich)
      | (?:geht|passt|klappt)\s(?:es|das)\s(?:wieder|eher|besser|gut|schon)
      | (?:ca\s|ce\s)?(?:pourrait|peut)\s(?:aller|marcher|le\sfaire|se\sfaire|convenir|etre)
      | (?:podria|puede|poderia|pode)\s(?:ser|funcionar|ir|valer)
      | (?:si\s)?(?:les|le|nos)\s(?:iria|vendria) | daria | ficaria
      | potrebbe(?:ro)?\s(?:andare|essere|funzionare) | andrebbe | va(?=\sbene)
      | zou\s(?:(?:het|dat|wel|eventueel|misschien)\s){{0,3}}(?:kunnen|lukken|passen|gaan|beter)
      | (?:kan|lukt|past)\s(?:(?:het|dat)\s)?wel
      | (?:hatten?|haetten?)\s(?:(?:sie|er|wir|die|dort|alle|dann|auch|wieder|mehr)\s){{0,3}}
        (?:zeit|luft|kapazitat(?:en)?|interesse)
      | (?:they|he|she|we)(?:'d|'ll|\swould|\swill)\shave\s(?:\w+\s){{0,2}}(?:time|capacity|room|slot)
      | (?:ils?|elles?|on)\saur(?:ait|aient|a|ont)\s(?:(?:un|du|plus|de|le)\s){{0,3}}(?:creneaux?|temps|disponibilites?)
      | tendri?an?\s(?:\w+\s){{0,2}}(?:hueco|tiempo) | teri?am?\s(?:\w+\s){{0,2}}(?:tempo|disponibilidade)
      | avrebbe(?:ro)?\s(?:\w+\s){{0,2}}(?:tempo|spazio)
      | zou(?:den)?\s(?:\w+\s){{0,3}}(?:tijd|ruimte)\shebben
    )(?:\s(?:bien|bene|bem|mejor|melhor|meglio|wieder|wel))?{_THEM}
    | (?:頃|ごろ|以降)?(?:なら|であれば|だったら)、?(?:可能|大丈夫|ok|対応可|時間|余裕)""",
    re.VERBOSE,
)
# "July won't do, October yes".
_YES = re.compile(r"\s?:?\s(?:yes|fine|ok|oui|si|sim|schon|ja|wel)\W*(?:$|[.;])")
_RULES_OUT = re.compile(
    r"\b(?:not|won't|can't|doesn't|don't|no|impossible|imposible|impossivel|impossibile|pas|nicht|unmoglich|nao|non|niet"
    r"|onmogelijk)\b"
)
_OF_SOMETHING = CONTRACT | EXPIRY | BUDGET | EVENT | BLOCK


def is_offered(text: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "In juni lukt het niet, in september zou het kunnen"."""
    if found.rule not in _PERIODS or context.sentence & _OF_SOMETHING:
        return False
    first = max(context.first, lexed.shapes.rfind(",", 0, found.first) + 1)
    end = lexed.ends[found.last - 1]
    would_do = _WOULD_DO.match(lexed.folded, end)
    if would_do is not None:
        if would_do[0].lstrip().startswith("hatte") and text[end:][1:3].lower() != "hä":
            return False  # "im Oktober hatten sie Zeit", which is over
    elif not (
        _YES.match(lexed.folded, end)
        and _RULES_OUT.search(lexed.folded, lexed.starts[context.first], lexed.starts[found.first])
    ):
        return False
    return not has_cue(lexed, first, found.first, _STORY | NOT) and lexed.shapes.count("_", first, found.first) <= _FEW


_TOPIC = re.compile(
    r"""\s(?:initiative|project|priority|topic|thing|item|conversation|discussion|goal|objective|problem|install(?:ation)?|start|thema|projekt|projet|proyecto
      |projeto|progetto|sujet|tema|onderwerp)\b[^\w]*$""",
    re.VERBOSE,
)


def _is_topic_of(lexed: Lexed, found: Found) -> bool:
    """ "2027 initiative"."""
    return found.first == 0 and _TOPIC.match(lexed.folded, lexed.ends[found.last - 1]) is not None


def _count(lexed: Lexed, context: Context, cue: int) -> int:
    places = range(context.first, context.last)
    return sum(1 for place in places if lexed.cues[place] & cue and lexed.shapes[place] == "_")


_ATTRIBUTION = re.compile(r"(?:,[^,]{1,3}|[^,]{1,2})(?=[,.]|$)")


def _is_attributed(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Early autumn, he thinks": the date opens the sentence and behind it stands who said so."""
    if found.rule == "weekday":
        return False
    if lexed.shapes[context.first : found.first].strip("o"):
        return _is_quoted(lexed, found, context)
    behind = _ATTRIBUTION.match(lexed.shapes, found.last, context.last)
    return behind is not None and any(cue & REPORT for cue in lexed.cues[behind.start() : behind.end()])


def _is_quoted(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "He said March, not sooner": the date stands alone behind who said it."""
    before = found.first - 1
    while before > found.first - 3 and lexed.shapes[before] == "o":
        before -= 1
    is_alone = lexed.shapes[found.last : found.last + 2].lstrip("o")[:1] in {"", ".", ","}
    opened = max(context.first, lexed.shapes.rfind(",", 0, before) + 1)
    is_early = before - opened <= 2 and found.rule != "year"
    if "O" in lexed.shapes[context.first : before]:
        return False  # "first they said February"
    return is_alone and is_early and bool(lexed.cues[before] & REPORT) and not context.sentence & (EVENT | BLOCK)


def _is_aimed_at(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Something for H2", "next spring looks fine": a short remark about a time to come, whatever it calls that."""
    first, last = context.first, context.last
    if found.lead[-1:] == "U":  # "told us the end of Q1, then changed to May"
        first = max(first, lexed.shapes.rfind(",", 0, found.first) + 1)
    is_put_off = found.lead[-1:] in {"u", "U"} and found.rule in {*_PERIODS, "unit"}
    start = lexed.starts[found.first]
    if is_put_off and _FIGURES.search(lexed.folded, max(start - _CLOSE, 0), start):
        return False
    is_put_off = is_put_off and found.rule in _PERIODS
    is_next = bool(found.when.shift) or (found.rule in SPANS and found.lead[-1:] == "i")
    if last - found.last + found.first - first > _SHORT_REMARK or context.sentence & _STORY:
        return False
    return is_put_off or (is_next and not context.sentence & (DONE | HAVE | STARTS))


_CLOSE = 60  # characters that are looked at
# "Eine konkrete Zahl für nächstes Quartal", "objectif de CA pour l'an prochain": what they count, not when.
_FIGURES = re.compile(
    r"""\b(?:\w*zahl(?:en)?|\w+ziele?|prognose|forecast|figures?|sales\starget|chiffres?|previsions?
      |objectifs?\sde\s(?:ca|vente|chiffre\sd'affaires)|cifras?|prevision(?:es)?|objetivos?\sde\s(?:venta|facturacion)s?|numeros?
      |metas?\sde\s\w+|previsao|previsoes|numeri|previsioni|obiettiv[oi]\sdi\s\w+|cijfers?|\w+doel(?:en|stelling)?)\s?$""",
    re.VERBOSE,
)

_NEXT = re.compile(r"n+o?[ymwqhj]|[ymqwh]o?n")


def _is_denied(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "No chance this year", "dieses Jahr wird das nichts mehr": a period that is ruled out."""
    when = found.when
    is_this = when.base is Base.UNIT and not when.shift and when.edge is Edge.START and when.unit != "d"
    is_short = context.last - context.first - (found.last - found.first) <= _SHORT_REMARK
    told = _STORY | DONE | HAVE | PAST | EVENT | BLOCK | BUDGET
    if _NEXT.search(lexed.shapes, context.first, context.last):
        return False  # "not this year, next year"
    return is_this and is_short and bool(context.clause & NOT) and not context.sentence & told


def _is_waited_for(found: Found, context: Context) -> bool:
    """ "After Easter they see more clearly", "once the holidays are over": what is told of is no wait."""
    is_after = "A" in found.lead or (found.when.edge is Edge.AFTER and found.rule != "span")
    if not is_after or found.when.base not in _AWAITED or found.rule == "past":
        return False
    if context.sentence & ASKED:
        return True
    is_short = context.last - context.first - (found.last - found.first) <= _SHORT_REMARK
    return is_short and not context.sentence & (_STORY | DONE | HAVE | PAST | EVENT | BLOCK | NOT)

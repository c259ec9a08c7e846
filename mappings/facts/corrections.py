"""Times that give way to others: "not March, May", "June, sorry, August", "first he said May, then made it October".

A time that is ruled out or taken back names no day. The one said instead of it says what the other would have said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mappings.facts.grammar import Context, Found
from mappings.facts.lexer import Lexed
from mappings.facts.symbols import BLOCK, BUDGET, CALL, CONTRACT, DONE, EVENT, EXPIRY, HAVE, PAST, TOLD

_SAID_FIRST = re.compile(
    r"\b(?:first|initially|originally|erst|zuerst|d'abord|primero|primeiro|eerst|prima|said|sagte|dijo|disse|zei|detto"
    r"|dit)\b"
)
_CHANGED = re.compile(
    r"\b(?:ma[dk]e it|changed|moved|corrected|switched|revised|geaendert|korrigiert|korrigierte|change|corrige|decale"
    r"|cambio|cambiaron|corrigio|movio|mudou|mudaram|corrigiu|trocou|gewijzigd|veranderd|veranderde|cambiato|spostato|corretto)\b"
)
_PERIODS = frozenset({"month", "season", "quarter", "half", "monthday"})
_RULED_OUT = _PERIODS | {"date", "ym", "weekday", "feast", "week"}
# Right before a time: it is not the one.
_NOT_THIS = re.compile(
    r"""(?:^|[^\w'])(?:
      (?<!why\s)(?<!whether\sor\s)(?<!if\s)not | (?:rather|better)\sthan | instead\sof
    | (?<!warum\s)(?<!ob\s)(?<!wenn\s)nicht | (?:an)?statt | anstelle\svon
    | (?:\be(?:her|erder)|lieber|besser|liever|beter)\b[^.;]{2,}\b(?:als|dan)
    | (?<!pourquoi\s)(?<!sinon\s)(?P<pas>pas) | plutot\squ(?:e\s|') | au\slieu\s(?:de|du|d')
    | (?<!por\sque\s)(?<!si\s)(?P<no>no) | en\s(?:lugar|vez)\sde | (?:mejor|antes)\sque
    | (?<!se\s)nao | (?:em\s(?:vez|lugar)|ao\sinves)\sde | melhor\s(?:do\s)?que
    | (?<!waarom\s)(?<!als\s)niet | in\splaats\svan
    | (?<!perche\s)(?<!se\s)non | invece\s(?:di|che) | (?:piuttosto|meglio)\sche
    )\s*$""",
    re.VERBOSE,
)
_NOT_THAT = re.compile(
    r"\s+(?:nao|nicht|niet|no)\s*(?=[,;]|\.\s|\.?$|(?:mas|pero|aber|sondern|maar|but|mais|ma)\b)"
    r"|(?:で(?:は|も)?な[くい]|じゃな[くい])"
)
_TAKEN_BACK = re.compile(
    r"""(?:[^.!?。]{0,25}[,;:(、–—-])?\W*(?:
      (?:or\s|oder\s|ou\s|o\s|of\s)?
      (?:sorry|apologies|correction|wait|actually|i\smeant?|make\s(?:that|it)|scratch\sthat|strike\sthat|or\srather|should\s(?:be|read|say)
      |quatsch|korrektur|korrigiere|vielmehr|besser\sgesagt|ich\smeine|sorry|doch\s(?:eher|erst|lieber)
      |pardon|plutot|je\sveux\sdire|enfin
      |perdon|mejor\sdicho|mas\sbien|digo|quiero\sdecir|correccion|mejor
      |alias|perdao|quer\sdizer|ou\smelhor|correcao|melhor
      |correctie|ik\sbedoel|liever|toch\s(?:maar|liever)
      |anzi|scusate?|correzione|voglio\sdire|meglio)
    | (?<=[-,.;:?!–—\s])(?<![^\W\d_])(?:no|nope|nein|non|nao|nee)(?=[\W])
    | (?:いや|訂正|もとい|間違い|違う|より)も?
    )(?:\W+(?:no|not|wait|sorry|i|it|we|meant|mean|should|be|better|rather|make|that|is|was|now|say|let's|nein|eher|erst|besser
      |lieber|doch|nee|liever|toch|beter|plutot|mieux|mejor|melhor|meglio|anzi|c'est|es|e|je|het|in|the))*\W*""",
    re.VERBOSE,
)
_OPENING = re.compile(
    r"\W*(?:(?:ach|oh|ah|well|och|eh)\W+)?(?:(?:no|nope|nein|non|nao|nee)(?=\s?[-,.;:!–—])|(?:sorry|correction|korrektur"
    r"|pardon|perdon|perdao|correctie|correzione|scusate?|anzi)\b|いや|訂正|もとい)"
)
_WORD = re.compile(r"[^\W\d_]+")
_NEAR = 30  # characters in which one time takes another's place
_FEW_WORDS = 5
_NOT_BARE = TOLD | PAST | DONE | HAVE | EVENT | BLOCK | CONTRACT | EXPIRY | BUDGET


@dataclass(frozen=True, slots=True)
class Corrections:
    """By place in the list of times: those that are set aside, and those that stand in for one of them."""

    set_aside: frozenset[int]
    stands_for: dict[int, int]


def find_corrections(folded: str, lexed: Lexed, times: Sequence[Found]) -> Corrections:
    """Which times are ruled out or taken back, and which are said instead."""
    spans = [(lexed.starts[found.first], lexed.ends[found.last - 1]) for found in times]
    aside = {place for place, found in enumerate(times) if _is_ruled_out(folded, lexed.language, found, spans[place])}
    stands_for = {}
    for place, (_, end) in enumerate(spans[:-1]):
        start = spans[place + 1][0]
        if place not in aside and start - end <= 2 * _NEAR and _TAKEN_BACK.fullmatch(folded, end, start):
            aside.add(place)
    for place in sorted(aside):
        beside = [other for other in (place + 1, place - 1) if 0 <= other < len(times) and other not in aside]
        near = [other for other in beside if _gap(spans, place, other) <= 2 * _NEAR]
        if near:
            stands_for.setdefault(near[0], place)
    return Corrections(frozenset(aside), stands_for)


def _is_ruled_out(folded: str, language: str, found: Found, span: tuple[int, int]) -> bool:
    if found.rule not in _RULED_OUT or set(found.lead) & set("UBA"):
        return False
    start, end = span
    denied = _NOT_THIS.search(folded, max(start - 2 * _NEAR, 0), start)
    if denied and not _means_something_else(denied, language, found):
        return True
    return _NOT_THAT.match(folded, end) is not None


def _means_something_else(denied: re.Match[str], language: str, found: Found) -> bool:
    """ "No segundo semestre" is "in the second half" in Portuguese, and "pas in mei" is "not until May" in Dutch."""
    return (denied["no"] is not None and "i" not in found.lead) or (denied["pas"] is not None and language != "fr")


def _gap(spans: Sequence[tuple[int, int]], place: int, other: int) -> int:
    first, second = sorted((place, other))
    return spans[second][0] - spans[first][1]


def is_all_that_is_said(folded: str, lexed: Lexed, found: Found, context: Context) -> bool:
    """ "Nein, eher Mai": a correction and the time it names, or a clause that asks to come back."""
    if context.sentence & CALL and not context.sentence & (BLOCK | EVENT | CONTRACT | EXPIRY):
        return True
    start, end = lexed.starts[context.first], lexed.ends[min(context.last, len(lexed.ends)) - 1]
    return len(_WORD.findall(folded, start, end)) <= _FEW_WORDS and not context.sentence & _NOT_BARE


def opens_a_correction(folded: str, lexed: Lexed, context: Context) -> bool:
    """Whether the sentence begins with a "no" that takes something back."""
    return _OPENING.match(folded, lexed.starts[context.first]) is not None


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

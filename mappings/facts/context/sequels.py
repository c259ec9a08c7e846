"""Times counted on from one said before: "board meets 12 Nov, call the week after", "back on the 1st, ring after that".

The day said before is that of an event, of an absence or of a contract; what they ask for lies behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mappings.facts.context.back_references import OVER, antecedent
from mappings.facts.context.in_vain import is_in_vain
from mappings.facts.grammar.times import Found, is_through
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BACK, CALL, LATER, NOT
from mappings.facts.meaning.kinds import context_of
from mappings.facts.mention import Base, DateMention, Edge, When
from mappings.model import FactKind
from mappings.text import has_any
from mappings.values import replace

_NUMBERS = (
    r"\d{1,2}|an?|one|two|three|four|six|eine[nrm]?|zwei|drei|vier|sechs|une?|deux|trois"
    r"|un[ao]?|dos|tres|dois|duas|een|twee|drie|due|tre"
)
_UNITS = {
    "d": r"days?|tage?n?|jours?|dias?|dagen|dag|giorn[oi]",
    "w": r"weeks?|wks?|wochen?|semaines?|semanas?|weken|week|settiman[ae]",
    "m": r"months?|mths?|monate?n?|mois|mes(?:es)?|maand(?:en)?|mes[ei]",
}
_LATER = (
    r"later|after(?:wards)?(?:\sthat)?|on|danach|spater|darauf|apres(?:\sca|\scela)?"
    r"|plus\stard|despues|mas\starde|depois|daarna|erna|erop|dopo"
)
_SO_LONG_AFTER = re.compile(
    rf"\b(?P<count>{_NUMBERS})\s(?:(?P<d>{_UNITS['d']})|(?P<w>{_UNITS['w']})|(?P<m>{_UNITS['m']}))\s(?:{_LATER})\b"
)
_THE_NEXT = re.compile(
    rf"""\b(?:the|die|der|dem|im|la|le|el|na|no|a|de|il|the\svery)\s(?:(?P<w>{_UNITS["w"]})|(?P<m>{_UNITS["m"]}))
      \s(?:after(?:\sthat|wards)?|danach|darauf|spater|d'?\s?apres|suivante?|siguiente|seguinte|erna|erop|daarna|dopo|successiv[ao])\b""",
    re.VERBOSE,
)
# One `\b` for all of them: it is asked at every letter.
_AFTER_THAT = re.compile(
    r"""\b(?:
      (?:after\s(?:that|this|then|which)|afterwards|thereafter|danach|im\sanschluss|anschliessend|anschlieszend
      |apres\s(?:ca|cela|quoi)|par\sla\ssuite|despues\sde\s(?:eso|esto)|luego\sde\seso|a\spartir\sde\sahi
      |depois\sdisso|apos\sisso|a\spartir\sdai|daarna|nadien|dopo\sdi\sche|in\sseguito)\b
      |(?:when|once|as\ssoon\sas|after)\s(?:s?he|they)(?:'s|\sis|'re|\sare|\sgets?|\scomes?)\sback\b
      |(?:on|upon|after)\s(?:his|her|their)\sreturn\b|nach\s(?:seiner|ihrer|der)\sruckkehr\b
      |wenn\s(?:sie|er)\s(?:wieder\s)?(?:da|zuruck)\s(?:ist|sind)\b|a\sson\sretour\b|a\ssu\s(?:vuelta|regreso)\b
      |na\svolta\s(?:dele|dela|deles)\b|bij\s(?:zijn|haar)\sterugkomst\b|al\s(?:suo\s)?(?:rientro|ritorno)\b
      |(?:(?:just|right|straight|soon|shortly|juste|justo|logo|subito|vlak|meteen|kort|direkt|gleich|kurz)\s)?
      (?:after|apres|despues|depois|dopo|danach|daarna|erna)(?=\W*(?:$|[.,;])))|その後|それ以降""",
    re.VERBOSE,
)
_GIVE = re.compile(
    rf"\bgive\s(?:him|her|them)\s(?P<count>{_NUMBERS})\s(?:(?P<d>{_UNITS['d']})|(?P<w>{_UNITS['w']})|(?P<m>{_UNITS['m']}))\b"
)
# What the units above hold one of: a search for an expression takes as long as forty looks for a few letters.
_UNIT_STEMS = (
    "day", "tag", "jour", "dia", "dag", "giorn", "week", "wk", "woche", "semaine", "semana", "weken", "settiman",
    "month", "mth", "monat", "mois", "mes", "maand",
)  # fmt: skip
_ASKED = CALL | LATER | BACK
_COUNTS = (
    (1, "a an one eine einen einer einem un une una uno een"),
    (2, "two zwei deux dos dois duas twee due"),
    (3, "three drei trois tres drie tre"),
    (4, "four vier"),
    (6, "six sechs"),
)
_WORDS = {word: count for count, words in _COUNTS for word in words.split()}
_POINTS = frozenset({Base.DATE, Base.NUMERIC, Base.DAY, Base.FEAST, Base.MONTH_DAY, Base.WEEKDAY, Base.WEEKDAY_OF})


def with_sequels(
    text: str,
    folded: str,
    lexed: Lexed,
    times: Sequence[Found],
    read: Sequence[DateMention | None],
    kept: list[DateMention],
) -> list[DateMention]:
    """The mentions; what is counted on from one of them takes the place of its own words, and of a day to come back."""
    reached = 0
    for said, step, cues in sorted(_steps(folded, lexed)):
        if said[0] < reached:
            continue
        reached = said[1]
        place = antecedent(lexed, times, read, said[0], OVER)
        if place is None or not _asks(lexed, times, said, place, cues):
            continue
        if is_in_vain(folded, lexed, times[place], context_of(lexed, times[place])):
            continue
        when = _moved(lexed, times[place], read[place], step)
        start, end = said
        kept = [one for one in kept if not _gives_way(one, read[place], said)]
        kept.append(DateMention(kind=FactKind.REVISIT, when=when, text=text[start:end], start=start, end=end))
    return kept


def _steps(folded: str, lexed: Lexed) -> Iterator[tuple[tuple[int, int], tuple[int, str], int]]:
    """Where each of them stands, how far on it is, and the cues it brings: so many units, the period after, or none."""
    if "give" in folded:
        for found in _GIVE.finditer(folded):
            yield found.span(), (_count_of(found["count"]), _unit_of(found)), LATER
    if not lexed.any_cue & _ASKED:
        return
    if has_any(folded, _UNIT_STEMS):
        for found in _SO_LONG_AFTER.finditer(folded):
            if _is_complete(lexed, found.end()):
                yield found.span(), (_count_of(found["count"]), _unit_of(found)), 0
        for found in _THE_NEXT.finditer(folded):
            if _is_complete(lexed, found.end()):
                yield found.span(), (1, _unit_of(found).upper()), 0
    for found in _AFTER_THAT.finditer(folded):
        yield found.span(), (0, ""), 0


def _is_complete(lexed: Lexed, end: int) -> bool:
    """Whether nothing follows that it would be counted from ("two weeks after Easter")."""
    place = next((at for at, start in enumerate(lexed.starts) if start >= end), None)
    return place is None or lexed.shapes[place] in ".," or bool(lexed.cues[place] & _ASKED)


def _count_of(said: str) -> int:
    return int(said) if said.isdigit() else _WORDS[said]


def _unit_of(found: re.Match[str]) -> str:
    return next(unit for unit in "dwm" if found.groupdict().get(unit))


def _moved(lexed: Lexed, found: Found, mention: DateMention | None, step: tuple[int, str]) -> When:
    """A day is over then, and so is the end of a period; a month "until" which they wait is its first day."""
    count, unit = step
    when = found.when
    is_point = when.base in _POINTS
    is_decided = mention is not None and mention.kind is FactKind.BUDGET_CYCLE
    is_running = when.base is Base.UNIT and not when.shift  # "in Berlin this week, call after"
    is_passed = when.edge is Edge.END or is_decided or is_running or is_through(lexed, found.first, found.core)
    if not unit:
        return replace(when, edge=Edge.AFTER) if is_point or is_passed else when
    return replace(when, edge=Edge.START if is_point else when.edge, plus=count, plus_unit=unit)


def _gives_way(mention: DateMention, before: DateMention | None, said: tuple[int, int]) -> bool:
    if before is not None and mention.start == before.start:
        return mention.kind is FactKind.REVISIT
    return mention.start < said[1] and said[0] < mention.end


def _asks(lexed: Lexed, times: Sequence[Found], said: tuple[int, int], place: int, cues: int) -> bool:
    """Whether the clause asks to come back, and gives no time of its own."""
    first = lexed.ends[times[place].last - 1]
    stops = [at for at, shape in enumerate(lexed.shapes) if shape in ".,"]
    low = max((lexed.starts[at] for at in stops if lexed.starts[at] < said[0]), default=0)
    high = min((lexed.starts[at] for at in stops if lexed.starts[at] >= said[1]), default=lexed.ends[-1])
    for at, start in enumerate(lexed.starts):
        if max(low, first) <= start < high and not said[0] <= start < said[1] and not lexed.cues[at] & NOT:
            cues |= lexed.cues[at]
    others = [
        found
        for found in times
        if max(low, first) <= lexed.starts[found.first] < high
        and not (lexed.starts[found.first] < said[1] and said[0] < lexed.ends[found.last - 1])
    ]
    return bool(cues & _ASKED) and not cues & OVER and not others

"""Symbols -> time expressions. The grammar knows no language: see `mappings.facts.lexing.symbols` for its letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mappings.facts.grammar.expressions import BUILD
from mappings.facts.grammar.said_values import EDGES, MANY, SECOND
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import ANY_TIME, ASKED, CONTRACT, DAY_ARTICLE, EXPIRY, IN_FIGURES, NOTICE, PERSON
from mappings.facts.mention import Base, Edge, When
from mappings.values import replace, value_type

# "of next year", "nächsten Jahres", "del año que viene", "2027", "27", "this year"
_YEAR = r"(?:,?[oi&]{0,3}(?:Y|[nt*]o?y|yo{0,2}[nt]|yAn))"
_CORE = re.compile(
    rf"""
    (?=[^_.,&ouUBvsAia]|a[gGhNkrdwmqy]|Aa?hy|ihy)(?:
    (?=[VSJEMwC])(?P<holidays>(?:(?:wC|[SJEM]&?[SJE]?)o{{0,3}})?Vo{{0,3}}(?:wC|[SJEM](?!o?[NOY]))?|Cw)
  | (?P<sales_day>KW)
  | (?P<week_on>(?:nd|W)w(?!o?N)|ndia?w|(?:nd|[OW]?W)iN(?![dwmqhyMo]))
  | (?P<nth>O[hc]o{{0,2}}M{_YEAR}?|[Ol]wo{{0,2}}n?M{_YEAR}?|ONdo{{0,2}}M{_YEAR}?|Nwo{{1,2}}M{_YEAR}?)
  | (?P<weekday_of>[lO]o?[OW]?Wo{{0,2}}i?o?M{_YEAR}?
      |Mo?[lO]W|Wo?P[oiU]{{0,3}}(?:M[oi]?[NO]|[NO]o{{0,2}}M|eo{{0,2}}M))
  | (?P<past>(?:ly|yo?l)[oi]{{0,2}}[MSQH](?!o?(?:Y|ny|n))|l[oi]{{0,2}}k?N?o?[ymqwhdSMQWj]|[ymqwdSMW]o?l
      |x[oi]?[aNk]{{1,3}}o?[dwmqhy]|[Nk]o?[dwmqhy]ox|[aNk]{{1,3}}o?[dwmqhy]{{1,2}}x)
  | (?P<date>D)
  | (?P<fiscal>(?:fo?[QH](?!o?(?:Y|F))|[QH]o?f(?![yj])
      |F[o,&]?[QH]|[QH][oiu,]{{0,2}}F|(?:Oo?f?q|qN|qO)[oiu,]{{0,2}}(?:F|[nt*]j|jn)|[nt*][oi]?fq|F
      |[QH][oiu]{{0,2}}(?:[nt*]o?j|jo?[nt])|jo?(?:Y|N(?!o?M))|[n*]o?j,[QH](?!o?[YFn])|[nt*]o?j(?:o?[QH])?|jo{{0,2}}[nt]|[ebcz][oi]{{0,3}}j|Ofq|[nt]fh))
  | (?P<ym>L[bcze]?)
  | (?P<gone>C[*o]{{0,2}}[yJ]|\*o?yo?C|yo?\*o?C|JC|yee|Z[oi]{{0,3}}[t]?[yqm](?:o?t)?|Z[oi]*tS|\[)
  | (?P<month_end>[ebc]mo{{0,2}}M(?!o?[NO]){_YEAR}?)
  | (?P<year_end>[ebc]y[o,]?Y)
  | (?P<quarter_end>[ebc]qo?[NQ]{_YEAR}?)
  | (?P<monthday>(?:[nt]y[oi]?)?M[oi]?[NO](?!o?[dwmyqh]){_YEAR}?|d?[NO]o{{0,2}}M(?:n|{_YEAR})?)
  | (?P<month>(?:[nt]y[oi]?|Y[oi]?)?(?:[nt]o?)?M(?:&?M)?(?:{_YEAR}|n)?)
  | (?P<quarter>(?:[nt]y[oi]?|Y)?[nt]?(?:Q(?:[&U]Q)?|Oo?q|qo?[NO]){_YEAR}?n?)
  | (?P<half>(?:[nt]y[oi]?|Y)?[nt]?(?:H|O[oa]?[hc]|h[NO]){_YEAR}?n?)
  | (?P<season>(?:[nt]y[oi]?|Y[oi]?)?(?:[nt*]o?)?S(?:{_YEAR}|n)?)
  | (?P<gspan>aga?y|ga?y|hay|[ia]hy|A[a]?hy|ahay)
  | (?P<year_on>to?ny)
  | (?P<span>[aN]G[dwmqhy]|(?<=[io])y&[hg]
      |a?[Nk](?:[oU&iu]{{0,2}}N)?o?r?(?:[dwmqhy])(?:&a?[hg])?|a[kr]?[dwmqhy](?:&a?[hg])?
      |ro?a?[dwmqy](?:&a?[hg])?|[rk]{{1,2}}N?[dwmqy](?:&a?[hg])?|n[Nk]o?[dwmqhy])
  | (?P<unit>[ebcz][oi]{{0,3}}[nt*]?(?:[ymqh]|w(?!N))(?:o{{0,2}}[nt*])?|ye|qe|me|n+o?[dwmqhy]|[mqwyd]o{{0,2}}n|yAn
      |[mqw]An|\*[yq]|t[mqwyh]|[ymqwh]o?t)
  | (?P<weekday>n?[OW]?Wn?)
  | (?P<week>wN{_YEAR}?|Oww?|Y,?wN)
  | (?P<feast>J{_YEAR}?|wC|Cd|E{_YEAR}?)
  | (?P<day>dN(?!o{{0,2}}[MdwmqhyY])|O(?:o{{0,2}}n[om]{{1,2}}|o{{0,2}}mn)?(?![MwqhymdWSn])|N(?=[.,iA&]|$))
  | (?P<year>(?<=[iAUBebczou,.n])Y|^Y|Y(?=[.,ebcz]|$|U[r_.,]|U$))
    )""",
    re.VERBOSE,
)
_POINTS = frozenset({Base.SPAN, Base.DATE, Base.NUMERIC, Base.DAY, Base.MONTH_DAY})
_PLAIN_EDGES = frozenset({Edge.START, Edge.END})
_LEADING = frozenset("iouU*")
_IS_OF_AN_EVENT = re.compile(r"oM_")  # "after the November election"
_AFTER_A_BREAK = re.compile(r"Ao?Vo{0,2}$")
_AFTER_AN_EVENT = re.compile(r"A[oa]{1,2}(?:_o{0,2}){1,3}$")  # "after the steering committee on 12 May"
_BEFORE_AFTER = re.compile(r"o_{1,2}o?A")
_DAYS = frozenset({"date", "monthday"})
SPANS = frozenset({"span", "gspan"})


@value_type(slots=True)
class Found:
    """A time expression: symbols `first` to `last` (exclusive), the preposition ending at `core`.

    `lead` holds the prepositions before it, nearest last, as shapes (A after, B before, U until, i in, u for, s since).
    """

    when: When
    first: int
    core: int
    last: int
    rule: str
    lead: str
    is_coming: bool = False  # "in the next three months"
    is_years_end: bool = False  # "year end: 30 June"
    is_from_now: bool = False  # "a year from now"


@value_type(slots=True)
class Context:
    """The sentence around an expression: its bounds, and the cues of its clause and of all of it."""

    first: int
    last: int
    clause: int
    sentence: int
    has_year: bool


def find_times(lexed: Lexed) -> Iterator[Found]:
    """The time expressions in order. Those that are past (rule `past`) or undated are told apart by the caller."""
    shapes = lexed.shapes
    if ANY_TIME.search(shapes) is None:
        return
    for match in _CORE.finditer(shapes):
        rule = match.lastgroup or ""
        first, last = match.span()
        if rule == "past" and lexed.language == "ja" and _is_counted_back(lexed, first, last):
            rule, last = "span", last - 1
        if (rule == "day" and not _names_a_day(lexed, first)) or (rule == "year" and _is_of_a_name(lexed, first, last)):
            continue
        when, rule, last = _built(lexed, rule, first, last)
        if when is None:
            continue
        start, edge, lead = _lead_in(shapes, first)
        if edge is not None and when.edge is Edge.START and when.base not in _POINTS:
            when = replace(when, edge=edge)
        if lexed.language == "ja" and last < len(shapes) and shapes[last] in EDGES and rule not in {"span", "gspan"}:
            when = _second_half(when) if lexed.values[last] == SECOND else replace(when, edge=EDGES[shapes[last]])
            last += 1
        if rule not in {"span", "gspan"} and is_after_behind(lexed, last):
            when = replace(when, edge=Edge.AFTER)
        if (
            "A" in lead
            and rule not in {"span", "gspan"}
            and shapes[first] != "*"
            and when.edge in _PLAIN_EDGES
            and not (rule == "month" and lexed.language == "en" and _IS_OF_AN_EVENT.match(shapes, first - 1))
        ):
            when = replace(when, edge=Edge.AFTER)
        if rule in _DAYS and "A" in shapes:
            start, when = _after_an_event(lexed, when, start, last)
        if rule == "year" and "U" in lead and is_through(lexed, start, first):
            when = replace(when, edge=Edge.END)
        yield Found(when, start, first, last, rule, lead, rule == "span" and shapes[first] == "n")


def _built(lexed: Lexed, rule: str, first: int, last: int) -> tuple[When | None, str, int]:
    """What is meant, by which rule, and where it ends: of "Thursday at 2" and "tomorrow at 10" the day alone."""
    when = BUILD[rule](lexed, first, last)
    if when is None and rule == "week_on":
        day = lexed.shapes.rfind("W", first, last)
        rule, last = ("unit", first + 2) if day < 0 else ("weekday", day + 1)
        when = BUILD[rule](lexed, first, last)
    return when, rule.removesuffix("_end"), last


def _after_an_event(lexed: Lexed, when: When, start: int, last: int) -> tuple[int, When]:
    """Where the expression begins, and the day after it where it is that of a break or an event that they wait for."""
    if behind := _AFTER_A_BREAK.search(lexed.shapes, 0, start):
        return behind.start(), replace(when, edge=Edge.AFTER)
    return start, replace(when, edge=Edge.AFTER) if _is_day_of_an_event(lexed, start, last) else when


def _is_day_of_an_event(lexed: Lexed, start: int, last: int) -> bool:
    """ "After the steering committee on 12 May", "5月12日の役員会の後": the day is over when the event is."""
    if lexed.language == "ja":
        return _BEFORE_AFTER.match(lexed.shapes, last) is not None
    behind = _AFTER_AN_EVENT.search(lexed.shapes, 0, start)
    return behind is not None and not any(_asks_for_a_call(lexed.cues[place]) for place in range(behind.start(), start))


def _asks_for_a_call(cue: int) -> bool:
    """A meeting that others hold asks for none ("depois da reunião de 14 de abril")."""
    return bool(cue & ASKED) and not cue & PERSON


def _second_half(when: When) -> When:
    """後半 of a year is its second half, of a month what begins on the 16th."""
    if when.base is Base.YEAR or (when.base is Base.UNIT and when.unit == "y"):
        return replace(when, base=Base.HALF, n=2, unit="")
    if when.base is Base.MONTH:
        return replace(when, edge=Edge.MID, plus=1, plus_unit="d")
    return replace(when, edge=Edge.LATE)


_BEFORE_YEAR = frozenset("iAUBebczou,.n")


def _is_of_a_name(lexed: Lexed, first: int, last: int) -> bool:
    """ "SAP 2027 end of maintenance"; the end behind a year is its own in Japanese only."""
    if lexed.language == "ja":
        return False
    if lexed.shapes[last : last + 1] == "U" and first and lexed.shapes[first - 1] not in _BEFORE_YEAR:
        return True  # only Japanese puts its "until" behind
    is_edged = lexed.shapes[last : last + 1] in EDGES
    return is_edged and first > 0 and lexed.shapes[first - 1] == "_"


def _is_counted_back(lexed: Lexed, first: int, last: int) -> bool:
    """ "三か月前" is past, but for a span before the end of a contract, or the days of a notice."""
    beside = (*lexed.cues[max(first - 4, 0) : first], *lexed.cues[last : last + 3])
    return lexed.shapes[last - 1] == "x" and any(cue & (CONTRACT | EXPIRY | NOTICE) for cue in beside)


def is_through(lexed: Lexed, first: int, last: int) -> bool:
    """ "Through 2027" is the whole of it."""
    return any(lexed.shapes[place] == "U" and lexed.values[place] == 1 for place in range(first, last))


def _names_a_day(lexed: Lexed, place: int) -> bool:
    """Whether a bare figure is a day of the month: "on the 15th", "le 15", "am 15.", "el día 15"."""
    if lexed.shapes[place] == "d" or _OF_NEXT_MONTH.match(lexed.shapes, place):
        return True
    before = lexed.shapes[max(place - 2, 0) : place]
    if lexed.shapes[place] == "O":
        digits = 1 if lexed.values[place] < 10 else 2
        if lexed.language == "en" and lexed.ends[place] - lexed.starts[place] == digits + 1:
            return False  # "from 25 to 30. The": the stop is the sentence's
        if lexed.language in _ONLY_THE_FIRST and lexed.values[place] != 1:
            return False  # "la voisine du 2e"
        return bool(lexed.cues[place] & IN_FIGURES) and before[-1:] in {"i", "o", "n", "B", "U"}
    return lexed.language in _ARTICLE_BEFORE_DAY and lexed.cues[place - 1] & DAY_ARTICLE != 0 if place else False


_OF_NEXT_MONTH = re.compile(r"Oo{1,2}n[om]")
_ARTICLE_BEFORE_DAY = frozenset({"fr", "es", "it"})
_ONLY_THE_FIRST = frozenset({"fr", "es", "it", "pt"})
"""Languages that count the days of a month plainly, but for the first."""


def is_after_behind(lexed: Lexed, place: int) -> bool:
    """Whether an "after" that stands behind its word begins here: 明け, "ke baad"."""
    if lexed.shapes[place : place + 1] == "o":
        place += 1
    if lexed.shapes[place : place + 1] != "A":
        return False
    return lexed.language == "ja" or lexed.values[place] == MANY


def _lead_in(shapes: str, first: int) -> tuple[int, Edge | None, str]:
    """Walk back over "after the end of the": where it begins, the edge it names, and its prepositions."""
    edge = None
    lead = ""
    place = first
    while place:
        shape = shapes[place - 1]
        if shape in _LEADING or shape in "ABs":
            lead = shape + lead
        elif shape in EDGES and edge is None and not lead.strip("oi") and (shape != "g" or shapes[place] == "M"):
            edge = EDGES[shape]
        elif shape != "Z" or shapes[max(place - 2, 0)] != "U":  # "until sometime in 2027"
            break
        place -= 1
    while place < first and shapes[place] in "o*":
        place += 1
    return place, edge, lead.replace("o", "").replace("*", "")

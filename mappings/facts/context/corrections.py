"""Times that give way to others: "not March, May", "June, sorry, August", "first he said May, then made it October".

A time that is ruled out or taken back names no day. The one said instead of it says what the other would have said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mappings.facts.context.correction_words import (
    CHANGED,
    FIRST_OF_NOT_THAT,
    FIRST_OF_WILL_NOT_DO,
    IS_SAID_OF_NOW,
    LAST_OF_NOT_THIS,
    NOT_THAT,
    NOT_THIS,
    OPENING,
    SAID_FIRST,
    TAKEN_BACK,
    WILL_NOT_DO,
    WORDS_OF_TAKEN_BACK,
)
from mappings.facts.grammar.times import Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BLOCK, BUDGET, CALL, CONTRACT, DONE, EVENT, EXPIRY, HAVE, PAST, PUT, TOLD
from mappings.facts.mention import Base

_PERIODS = frozenset({"month", "season", "quarter", "half", "monthday"})
_RULED_OUT = _PERIODS | {"date", "ym", "weekday", "feast", "week"}
_WORD = re.compile(r"[^\W\d_]+")
_NEAR = 60  # characters in which one time takes another's place
_FEW_WORDS = 5
_NOT_BARE = TOLD | PAST | DONE | HAVE | EVENT | BLOCK | CONTRACT | EXPIRY | BUDGET


@dataclass(frozen=True, slots=True)
class Corrections:
    """By place in the list of times: those that are set aside, and those that stand in for one of them."""

    set_aside: frozenset[int]
    stands_for: dict[int, int]


NONE = Corrections(frozenset(), {})


def find_corrections(folded: str, lexed: Lexed, times: Sequence[Found]) -> Corrections:
    """Which times are ruled out or taken back, and which are said instead."""
    starts, ends = lexed.starts, lexed.ends
    spans = [(starts[found.first], ends[found.last - 1]) for found in times]
    aside = {place for place, found in enumerate(times) if _is_ruled_out(folded, lexed.language, found, spans[place])}
    for place, (_, end) in enumerate(spans[:-1]):
        between = folded[end : spans[place + 1][0]]
        if place not in aside and (
            _is_taken_back(between, lexed.language)
            or _is_narrowed(times, place, between)
            or _is_moved(folded, lexed, times, place)
            or _is_contrasted(folded, lexed, times, place)
        ):
            aside.add(place)
    return Corrections(frozenset(aside), _instead(aside, spans)) if aside else NONE


def _instead(aside: AbstractSet[int], spans: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The time said next to each of those set aside, where there is one."""
    stands_for: dict[int, int] = {}
    for place in sorted(aside):
        beside = [other for other in (place + 1, place - 1) if 0 <= other < len(spans) and other not in aside]
        near = [other for other in beside if _gap(spans, place, other) <= _NEAR]
        if near:
            stands_for.setdefault(near[0], place)
    return stands_for


def _is_taken_back(between: str, language: str) -> bool:
    """Whether what stands between two times takes back the first."""
    if len(between) > _NEAR:
        return False
    if language != "ja" and WORDS_OF_TAKEN_BACK.isdisjoint(_WORD.findall(between)):
        return False
    if language in _NO_IS_NOT and _NO.search(between):
        return False  # "a ottobre, non a giugno"
    return TAKEN_BACK.fullmatch(between) is not None


_NO_IS_NOT = frozenset({"es", "fr", "it", "pt"})
_NO = re.compile(r"\b(?:no|non|nao)\s$")


def _is_narrowed(times: Sequence[Found], place: int, between: str) -> bool:
    """ "After the holidays, in September": the second says which day the first means."""
    first, second = times[place], times[place + 1]
    is_wide = (first.when.base in _WIDE or first.when.unit in {"y", "q", "h"}) and not first.when.fiscal
    is_narrow = second.rule in _NARROW and not set(second.lead) & set("UBAu")
    return is_wide and is_narrow and _APPOSITION.fullmatch(between) is not None and first.rule not in {"past", "gone"}


def _is_moved(folded: str, lexed: Lexed, times: Sequence[Found], place: int) -> bool:
    """ "Moved from May to July", "agreed on May, but they asked to move it to July": the first is given up."""
    first, second = times[place], times[place + 1]
    if not _is_alike(first, second):
        return False
    between = folded[lexed.ends[first.last - 1] : lexed.starts[second.first]]
    if lexed.language == "ja":
        stop = lexed.ends[second.last - 1]
        between = folded[lexed.ends[first.last - 1] : lexed.starts[second.core]]
        return _FROM_IN_JAPANESE.fullmatch(between) is not None and bool(
            _PUT_IN_JAPANESE.search(folded, stop, stop + _NEAR // 3)
        )
    if not between.strip():
        end = lexed.shapes.find(".", second.last)
        is_put = any(cue & PUT for cue in lexed.cues[: end if end > 0 else len(lexed.cues)])
        start = lexed.starts[first.core]
        is_put = is_put or _DRAWN.search(folded, max(start - _NEAR, 0), start) is not None
        return is_put and _FROM.search(folded, max(start - _NEAR, 0), start) is not None
    if len(between) > _NEAR or CHANGED.search(between) is None:
        return False
    start, core = max(lexed.starts[first.first] - _NEAR, 0), lexed.starts[first.core]
    return (SAID_FIRST.search(folded, start, core) or _FROM.search(folded, start, core)) is not None


def _is_alike(first: Found, second: Found) -> bool:
    """Whether one time may take the place of the other: quarter for quarter, a day of June for April."""
    if first.rule == second.rule and second.rule in _PERIODS:
        return True
    return first.rule in _MONTHS_AND_DAYS and second.rule in _MONTHS_AND_DAYS


_MONTHS_AND_DAYS = frozenset({"month", "monthday", "date", "ym"})


def _is_contrasted(folded: str, lexed: Lexed, times: Sequence[Found], place: int) -> bool:
    """ "It does not end in 2027 but in 2028"."""
    first, second = times[place], times[place + 1]
    if first.rule != second.rule or not _KEPT.isdisjoint(first.lead):
        return False
    start = lexed.starts[first.first]
    if _BUT.fullmatch(folded, lexed.ends[first.last - 1], lexed.starts[second.first]) is None:
        return False
    return _DENIED.search(folded, max(start - _NEAR // 2, 0), start) is not None


_BUT = re.compile(
    r"(?:\s(?:ab|af|aus|uit))?\s?,?\s(?:sondern|but|mais|ma|bensi|maar|sino|mas|pero)(?:\s(?:erst|rather|sim|si))?\s"
)
_DENIED = re.compile(r"\b(?:not|nicht|pas|no|non|niet|nao)\b(?:\s\w+)?\s?$|n't(?:\s\w+)?\s?$")


_DRAWN = re.compile(
    r"\b(?:pulled|brought|drawn|extended|prolonged|vorgezogen|verlangert|avancee?s?|prolongee?s?|adelantad[oa]|ampliad[oa]|antecipad[oa]"
    r"|prorrogad[oa]|vervroegd|verlengd|anticipat[oa]|prorogat[oa])\b"
)
_FROM = re.compile(r"\b(?:von|vom|from|de|du|d'|del|van|da|dal|do)\s?$")
_FROM_IN_JAPANESE = re.compile(
    r"(?:から|(?:の|に|で)?[^。、]{0,6}(?:予定|約束|話|方針|見込み)(?:だった|でした)(?:の?です)?(?:が|けど|けれど|ものの|ところ))[、,\s]?"
)
_PUT_IN_JAPANESE = re.compile(r"変更|延期|ずれ|ずらし|後ろ倒し|先送り|持ち越")
_WIDE = frozenset({Base.NONE, Base.YEAR})
_NARROW = frozenset({"month", "monthday", "date", "ym", "week"})
_APPOSITION = re.compile(r"\s?[,(:–—-]\s?(?:so |also |i\.?e\.? |c'est-a-dire |o sea |ou seja |cioe |dus )?")


def _is_ruled_out(folded: str, language: str, found: Found, span: tuple[int, int]) -> bool:
    if not _KEPT.isdisjoint(found.lead):
        return False
    start, end = span
    behind = folded[end : end + _NEAR]
    if language == "ja":
        return any(pattern.match(behind) for pattern in (NOT_THAT, WILL_NOT_DO))
    follows = behind.lstrip(_BESIDE).partition(" ")[0].rstrip(_STOPS)
    if follows in FIRST_OF_WILL_NOT_DO and WILL_NOT_DO.match(behind):
        return not IS_SAID_OF_NOW.match(behind)
    if found.rule not in _RULED_OUT:
        return False
    if follows in FIRST_OF_NOT_THAT and NOT_THAT.match(behind):
        return True
    before = folded[max(start - _NEAR, 0) : start]
    leads = before.rstrip(_BESIDE).rpartition(" ")[2]
    if leads not in LAST_OF_NOT_THIS and leads.rpartition("'")[2] not in LAST_OF_NOT_THIS:
        return False
    denied = NOT_THIS.search(before)
    return denied is not None and not _means_something_else(denied, language, found)


_STOPS = ".,;:!?)"
_KEPT = frozenset("UBA")
_BESIDE = " ,;(\"'–-"


def _means_something_else(denied: re.Match[str], language: str, found: Found) -> bool:
    """ "No segundo semestre" is "in the second half" in Portuguese, and "pas in mei" is "not until May" in Dutch."""
    is_elsewhere = any(denied[word] is not None and language != only for word, only in _ONLY_IN)
    return is_elsewhere or (denied["no"] is not None and "i" not in found.lead)


_ONLY_IN = (("pas", "fr"), ("ne", "it"), ("noch", "nl"))


def _gap(spans: Sequence[tuple[int, int]], place: int, other: int) -> int:
    first, second = sorted((place, other))
    return spans[second][0] - spans[first][1]


def is_all_that_is_said(folded: str, lexed: Lexed, context: Context) -> bool:
    """ "Nein, eher Mai": a correction and the time it names, or a clause that asks to come back."""
    if context.sentence & CALL and not context.sentence & (BLOCK | EVENT | CONTRACT | EXPIRY):
        return True
    return is_bare(folded, lexed, context)


def is_bare(folded: str, lexed: Lexed, context: Context) -> bool:
    """Whether a sentence is hardly more than its time, and tells of nothing."""
    return _word_count(folded, lexed, context) <= _FEW_WORDS and not context.sentence & _NOT_BARE


def _word_count(folded: str, lexed: Lexed, context: Context) -> int:
    start, end = lexed.starts[context.first], lexed.ends[min(context.last, len(lexed.ends)) - 1]
    return len(_WORD.findall(folded, start, end))


def opens_a_correction(folded: str, lexed: Lexed, found: Found) -> bool:
    """Whether the sentence is a "no" that takes something back, a time, and little more."""
    first = lexed.shapes.rfind(".", 0, found.first) + 1
    if found.first - first > _FEW_WORDS:
        return False
    start = lexed.ends[first - 1] if first else 0
    if OPENING.match(folded, start) is None:
        return False
    end = lexed.shapes.find(".", found.last)
    stop = lexed.starts[end] if end >= 0 else len(folded)
    return len(_WORD.findall(folded, start, stop)) < _FEW_WORDS - 1


def is_corrected(folded: str, lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> bool:
    """Whether the sentence named such a time first, and this one instead of it."""
    if context.sentence & (CONTRACT | EXPIRY | BUDGET | BLOCK):
        return False
    earlier = [other for other in times if context.first <= other.first < found.first and _is_alike(other, found)]
    if not earlier:
        return False
    said = folded[lexed.starts[context.first] : lexed.starts[earlier[-1].first]]
    between = folded[lexed.ends[earlier[-1].last - 1] : lexed.starts[found.first]]
    changed = CHANGED.search(between)
    if changed is None or (context.sentence & EVENT and not changed[0].startswith("mov")):
        return False
    return (SAID_FIRST.search(said) or _FROM.search(said)) is not None

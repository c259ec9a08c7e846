"""Lists of what happened: "demo on 2 April, offer on 9 April, no response", "Q1: intro. Q2: demo. Q3: lost."

Their days are over and name none to come back on, unless the last of them asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_

from mappings.facts.grammar.times import SPANS, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BLOCK,
    BUDGET,
    CONTRACT,
    DONE,
    EVENT,
    HAVE,
    NOT,
    ONLY,
    PAST,
    PERSON,
    TOLD,
    WAIT,
)
from mappings.facts.mention import Base, DateMention
from mappings.model import FactKind
from mappings.values import replace

_SENTENCE = re.compile(r"[^.]+")
_SEVERAL = 3
_DAYS = frozenset({"monthday", "date"})
_HEADS = _DAYS | {"month", "quarter", "half"}
_STILL_OPEN = WAIT | BUDGET | CONTRACT | ONLY
_NAMES_NO_YEAR = frozenset({Base.DAY, Base.NUMERIC})


def without_chronicles(lexed: Lexed, times: Sequence[Found], read: Sequence[DateMention | None]) -> list[DateMention]:
    """The mentions but for the days of such lists."""
    if len(times) < 2:
        return [mention for mention in read if mention]
    over = {
        place for sentence in _SENTENCE.finditer(lexed.shapes) for place in _told(lexed, times, read, *sentence.span())
    }
    over |= _of_headed_lines(lexed, times, read)
    kept = [mention for place, mention in enumerate(read) if mention and place not in over]
    days = [found for found in times if found.when.base in _NAMES_NO_YEAR and found.when.year is None]
    return [_listed(mention) for mention in kept] if len(days) > 1 else kept


def _listed(mention: DateMention) -> DateMention:
    """One of several days without a year: if it has passed this year, it is no day of the next."""
    is_day = mention.kind is FactKind.REVISIT and mention.when.base in _NAMES_NO_YEAR and mention.when.year is None
    return replace(mention, is_listed=True) if is_day else mention


def _told(lexed: Lexed, times: Sequence[Found], read: Sequence[DateMention | None], first: int, last: int) -> list[int]:
    """The times of a sentence that only lists them: three or more, of which the last asks for nothing, or in vain."""
    inside = [place for place, found in enumerate(times) if first <= found.first < last and found.rule not in SPANS]
    told = inside if len(inside) >= _SEVERAL and read[inside[-1]] is None else []
    days = [place for place in inside if times[place].rule in _DAYS]
    if len(days) > 1 and _came_to_nothing(lexed, times[days[-1]].last, last):
        told = [*told, *days]
    return [place for place in told if (mention := read[place]) and mention.kind is FactKind.REVISIT]


def _came_to_nothing(lexed: Lexed, first: int, last: int) -> bool:
    """ "Call on 2 April, email on 9 April, no response"."""
    behind = reduce(or_, lexed.cues[first:last], 0)
    return bool(behind & NOT) and not behind & _STILL_OPEN and not set(lexed.shapes[first:last]) & set("BU")


def _of_headed_lines(lexed: Lexed, times: Sequence[Found], read: Sequence[DateMention | None]) -> set[int]:
    """ "6 May call, no answer. 9 May email.": a log, whose last day counts where nothing else follows."""
    headed = [place for place, found in enumerate(times) if _heads_its_line(lexed, found)]
    if len(headed) < _SEVERAL:
        return set()
    is_followed = headed[-1] < len(times) - 1
    return set(headed if is_followed or read[headed[-1]] is None else headed[:-1])


def _heads_its_line(lexed: Lexed, found: Found) -> bool:
    is_first = found.first == 0 or lexed.shapes[found.first - 1] in ".,"
    is_titled = found.rule in _DAYS or lexed.shapes[found.last : found.last + 1] == ","
    return is_first and found.rule in _HEADS and is_titled


_TOLD_ON_A_DAY = NOT | PAST | TOLD | DONE | HAVE | BLOCK | EVENT
_ANOTHER_TIME = re.compile("[MQHSDWFjE]|[aNk]o?[dwmqhy]|n[dwmqhy]")


def is_stamp(lexed: Lexed, found: Found) -> bool:
    """The day at the head of a line in a log of calls: "2026-05-03: called, no answer"."""
    before = lexed.shapes[max(found.first - 3, 0) : found.first].rstrip(",")
    opening = before.rstrip("o")
    if opening in {"_", "._"} and lexed.cues[found.first - 1 - (len(before) - len(opening))] & PERSON:
        return lexed.shapes[found.last : found.last + 1] == ","  # "Meeting on 5 March, good impression"
    behind = lexed.shapes[found.last : found.last + 9]
    if found.rule != "date" or before[-1:] not in {"", "."}:
        return False
    if behind[:1] == "," and "_" in behind:
        return True
    is_followed = not found.lead and behind[:1] == "_" and _ANOTHER_TIME.search(lexed.shapes, found.last) is not None
    is_of_it = is_followed and lexed.cues[found.last] & ~_TOLD_ON_A_DAY
    return is_followed and not is_of_it and lexed.language != "ja"  # "3-19-26 still building, check back on 4-1-26"

"""Words that are a month or a season only beside another word of time: "may", "march", "fall", "sept", "spring"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mappings.facts.lexing.symbols import ENDS, EXPIRY, IN_FIGURES, LATER, REPORT, UNLESS


def without_doubtful(shapes: str, cues: Sequence[int], values: Sequence[Any], language: str) -> str:
    """May, march, fall and their kin are date words only beside another one."""
    settled = list(shapes)
    for place in [place for place, cue in enumerate(cues) if cue & UNLESS and shapes[place] != "_"]:
        if _is_doubtful(settled, cues, place, language) and not _is_preferred(settled, values, place, language):
            settled[place] = "_"
    return "".join(settled)


def _is_preferred(shapes: Sequence[str], values: Sequence[Any], place: int, language: str) -> bool:
    """ "Rather May than March", "May instead of March", "march works", "March next year, please"."""
    if language != "en" or shapes[place] != "M":
        return False
    if place > 1 and shapes[place - 1] == "o" and values[place - 1] == _THAN and shapes[place - 2] in "oZ":
        return True  # "no earlier than March"
    if place and shapes[place - 1] == "o" and values[place - 1] == _AROUND:
        return True  # "ping me around May next year"
    before = place - 1
    while before > 0 and shapes[before] == "o":
        before -= 1
    is_first = before < 0 or shapes[before] in ".,"
    if is_first and "".join(shapes[place + 1 : place + 3]) in {"ny", "ty"}:
        return True
    behind = values[place + 1 : place + 2] if is_first else values[max(before, 0) : before + 1]
    return behind == [_RATHER] or (is_first and behind == [_SUITS])


_THAN = 6  # the value of the word
_AROUND = 7  # the value of "around", "circa"
_SUITS = 7  # the value of "works" and "would": "march works"
_RATHER = 2  # the value of "rather" and "instead", whose shape is that of any other


def _is_doubtful(shapes: Sequence[str], cues: Sequence[int], place: int, language: str) -> bool:
    lead = place - 1
    led_by = "iAUBo" if shapes[place] == "S" else "ebczwhNOoWP"
    while language == "en" and lead > 0 and shapes[lead] == "o" and shapes[lead - 1] in led_by:
        lead -= 1  # "in the spring", "the end of March"
    before = shapes[lead] if place else "."
    after = shapes[place + 1] if place + 1 < len(shapes) else "."
    if (shapes[place] == "N" and after in "dwmqhy") or (shapes[place] == "l" and after == "o"):
        return False
    if shapes[place] == "M" and before == "&" and lead and shapes[lead - 1] not in "MQSY":
        before = "_"  # "was not proposed and may have failed"
    if place and shapes[place] == "M" and language != "en" and cues[place - 1] & (REPORT | LATER):
        return False  # "elle a dit mars", "lieber Mai"
    if shapes[place] == "M" and _is_end_or_written(shapes, cues, place, after):
        return False
    is_said = before in ".," or (place and cues[place - 1] & REPORT)
    is_of_it = shapes[place] == "S" or (place and shapes[place] == "M" and language == "en" and before not in ".,")
    if is_said and is_of_it and place + 1 < len(cues) and cues[place + 1] & LATER:
        return False  # "said fall would be better", "said March would be the right time"
    if shapes[place] == "S" and before == "Y":
        return False  # "2027 spring"
    if shapes[place] == "l" and shapes[place + 1 : place + 3] == ["n", "d"]:
        return False  # "pasado mañana"
    if shapes[place] in "Al" and before in "ymqw":
        return False  # "el mes pasado"
    if before == "m" and lead and shapes[lead - 1] == "e":
        return False  # "EOM March"
    if language == "en" and place and cues[place - 1] & REPORT and shapes[place] == "M" and after == ",":
        return False  # "he said May, then October"
    beside = _BEFORE_ENGLISH if language == "en" else _BEFORE
    return before not in beside and after not in "YNqhW" and not (before in ".," and after in ".,")


def _is_end_or_written(shapes: Sequence[str], cues: Sequence[int], place: int, after: str) -> bool:
    """ "Contract ends March", "expires March 15th", "ago/27"."""
    if after == "O" and cues[place + 1] & IN_FIGURES:
        return True
    if place and after == "." and cues[place - 1] & LATER and shapes[place - 1] == "_":
        return True  # "more likely May"
    if after in "fj" and shapes[place - 2 : place] == ["M", ","]:
        return True  # "April – March fiscal year"
    is_end = place and cues[place - 1] & (ENDS | EXPIRY) and after in ".,"
    return bool(is_end) or shapes[place + 1 : place + 3] == ["&", "N"]


_BEFORE_ENGLISH = frozenset("iABUnebcztlsvNOu&MQwhWP")
_BEFORE = frozenset("iABUnebcztlsvNOouM&WP")

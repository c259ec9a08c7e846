"""Words that point back to a time said before: "planning starts in October, talk to us then", "call after the move".

The time is that of a budget, a contract or an event; by "then" it becomes the day to come back as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mappings.facts.grammar.times import SPANS, Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import BLOCK, CALL, DONE, EVENT, HAVE, MISSED, NOT, PAST, TOLD
from mappings.facts.meaning.kinds import context_of
from mappings.facts.mention import UNDATED, DateMention, Edge
from mappings.model import FactKind
from mappings.values import replace

_THEN = {
    language: re.compile(rf"\b(?:{'|'.join(words)})\b")
    for language, words in {
        "en": (
            r"then|(?:at|around|about) th(?:at|is) (?:time|point|stage)",
            r"(?:once|when|after) (?:that|this|it)(?:'s| is| has been)? (?:done|over|finished|completed?|live|closed)",
            r"(?:once|when|after) (?:that|this|it)(?:'s| is| has been)? (?:wrapped|settled|behind us|out of the way)",
        ),
        "de": (
            r"dann|zu die?sem? zeitpunkt|um diese zeit|(?:in|zu) (?:dieser|der) zeit",
            r"(?:wenn|sobald) (?:das|es|dies) (?:durch|vorbei|erledigt|abgeschlossen|fertig|geschafft)",
        ),
        "fr": (
            r"alors|a cett?e? (?:moment|date|periode|epoque)|a ce moment",
            r"une fois (?:que )?(?:c'est |cela |ca )?(?:fait|termine|passe|fini)",
        ),
        "es": (
            r"entonces|(?:en|por) es[ae]s? (?:fechas?|epoca|periodo)|en ese momento",
            r"(?:una vez|cuando) (?:que )?(?:este |haya |eso )?(?:list[oa]|terminad[oa]|pasado|acabe|termine|pase)",
        ),
        "pt": (
            r"entao|(?:nessa|naquela) (?:altura|epoca|data)|nesse (?:momento|periodo)",
            r"(?:quando|assim que) (?:isso |isto )?(?:terminar|passar|acabar|estiver pronto)",
        ),
        "nl": (
            r"dan|op dat moment|rond die tijd|in die periode",
            r"als (?:dat|het) (?:klaar|achter de rug|gedaan|voorbij|afgerond)",
        ),
        "it": (
            r"allora|in (?:quel|quella) (?:momento|periodo|data|occasione)",
            r"una volta (?:fatto|finito|passato|concluso)",
        ),
    }.items()
}
_THEN_IN_JAPANESE = re.compile(r"(?:その|同じ)(?:時期?|頃|ころ|際|タイミング)|同時期")
_NOT_THEN = re.compile(r"(?:by|until|till|til|before|since|but|bis|jusqu'|hasta|ate|tot|ad|(?P<back>back))\s?$")
_CALL_BACK = re.compile(r"\b(?:circle|call|check|come|reach|get|report|loop|ring)(?:\s\w+)?\sback\s$")
OVER = TOLD | MISSED | PAST
_NO_POINTS = frozenset({"past", "gone", "weekday", "day", "year"})


def read_back_references(
    text: str, folded: str, lexed: Lexed, times: Sequence[Found], read: Sequence[DateMention | None]
) -> list[DateMention]:
    """A day to come back for each "then" of a clause that asks for a call and names no time of its own."""
    mentions = []
    for said, is_over in _said_again(folded, lexed, times) if lexed.any_cue & CALL else ():
        place = antecedent(lexed, times, read, said[0])
        if place is None or not _asks_for_a_call(lexed, times, said, lexed.ends[times[place].last - 1]):
            continue
        mention, found = read[place], times[place]
        if mention is None or mention.kind is not FactKind.REVISIT:
            when = replace(found.when, edge=Edge.AFTER) if is_over and found.when.day else found.when
            first, last = lexed.starts[found.first], lexed.ends[found.last - 1]
            mentions.append(DateMention(kind=FactKind.REVISIT, when=when, text=text[first:last], start=first, end=last))
    return mentions[-1:]


def _said_again(folded: str, lexed: Lexed, times: Sequence[Found]) -> Iterator[tuple[tuple[int, int], bool]]:
    """Where each "then" stands, and each "after the move" whose move was told before, which is over by then."""
    behind = lexed.ends[times[0].last - 1]
    for then in _THEN.get(lexed.language, _THEN_IN_JAPANESE).finditer(folded, behind):
        if not _is_another_then(folded, then.start()):
            yield then.span(), False
    if not lexed.any_cue & EVENT:
        return
    for place, shape in enumerate(lexed.shapes):
        if shape == "A" and lexed.starts[place] > behind and (event := _event_beside(lexed, place)) is not None:
            start, end = lexed.starts[event], lexed.ends[event]
            if folded[start:end] in folded[: min(start, lexed.starts[place])]:
                yield (min(start, lexed.starts[place]), max(end, lexed.ends[place])), True


def _event_beside(lexed: Lexed, place: int) -> int | None:
    """ "After the move", 移転後: the symbol of the event."""
    if lexed.language == "ja":
        return place - 1 if lexed.cues[place - 1] & EVENT else None
    event = place + 1
    while lexed.shapes[event : event + 1] in {"o", "a"}:
        event += 1
    return event if event < len(lexed.cues) and lexed.cues[event] & EVENT else None


def _is_another_then(folded: str, start: int) -> bool:
    """ "Until then", "since then", "back then", but not "circle back then"."""
    other = _NOT_THEN.search(folded, max(start - 8, 0), start)
    return other is not None and not (other["back"] and _CALL_BACK.search(folded, max(start - 30, 0), start))


def antecedent(
    lexed: Lexed, times: Sequence[Found], read: Sequence[DateMention | None], said_at: int, over: int = OVER | BLOCK
) -> int | None:
    """The time that stands last before, in this sentence or the one before it, unless it is over or never was."""
    before = [place for place, found in enumerate(times) if lexed.ends[found.last - 1] <= said_at]
    if not before:
        return None
    place = before[-1]
    found, mention = times[place], read[place]
    if found.when == UNDATED or found.rule in _NO_POINTS or _sentences_between(lexed, found, said_at) > 1:
        return None
    if mention is not None:
        return None if mention.is_told or mention.when == UNDATED or mention.notice_days else place
    if found.rule in SPANS or (_is_over(context_of(lexed, found), over) and not _is_expected(lexed, found)):
        return None
    return place


_EXPECTED = re.compile(
    r"\b(?:should|sollten?|devrai(?:t|ent)|deberian?|deveria[m]?|dovrebbe(?:ro)?|zou(?:den)?)\b[^.;]{0,40}$"
)


def _is_expected(lexed: Lexed, found: Found) -> bool:
    """ "Which should be live by April"."""
    start = lexed.starts[found.first]
    return _EXPECTED.search(lexed.folded, max(start - 60, 0), start) is not None


def _is_over(context: Context, over: int) -> bool:
    return bool(context.clause & over or (context.clause & HAVE and context.clause & DONE))


def _sentences_between(lexed: Lexed, found: Found, said_at: int) -> int:
    return sum(
        1
        for place in range(found.last, len(lexed.shapes))
        if lexed.shapes[place] == "." and lexed.starts[place] < said_at
    )


def _asks_for_a_call(lexed: Lexed, times: Sequence[Found], said: tuple[int, int], after: int) -> bool:
    """Whether the clause around the word asks for a call, and gives no time of its own."""
    first = max((place + 1 for place in _stops(lexed) if lexed.starts[place] < said[0]), default=0)
    last = min((place for place in _stops(lexed) if lexed.starts[place] >= said[1]), default=len(lexed.shapes))
    inside = [place for place in range(first, last) if lexed.starts[place] >= after]
    cues = 0
    for place in inside:
        cues |= lexed.cues[place]
    is_timed = any(found.first in inside for found in times)
    return bool(cues & CALL) and not cues & (NOT | OVER) and not is_timed


def _stops(lexed: Lexed) -> list[int]:
    return [place for place, shape in enumerate(lexed.shapes) if shape in ".,"]

"""A text -> what it says about time: lex, find the time expressions, give each its kind, and settle what remains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from mappings.facts.context.as_worded import as_worded
from mappings.facts.context.back_references import read_back_references
from mappings.facts.context.bygone import is_bygone
from mappings.facts.context.chronicles import is_stamp, without_chronicles
from mappings.facts.context.corrections import (
    find_corrections,
    is_all_that_is_said,
    is_bare,
    is_corrected,
    opens_a_correction,
)
from mappings.facts.context.in_vain import is_in_vain
from mappings.facts.context.joining import counted_from_events, joined
from mappings.facts.context.namesakes import is_somebody
from mappings.facts.context.other_days import is_of_something_else
from mappings.facts.context.others_plans import is_of_others_plans
from mappings.facts.context.our_side import is_our_side
from mappings.facts.context.refusals import is_asked_for, is_away_until, is_left_alone, is_put_as, is_refused
from mappings.facts.context.sequels import with_sequels
from mappings.facts.context.settle import settle
from mappings.facts.context.suppliers import is_with_a_supplier, starts_with_a_rival
from mappings.facts.context.unreal import is_unreal
from mappings.facts.grammar.times import SPANS, Context, Found, find_times
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.lexer import has_date_words, lex
from mappings.facts.lexing.lexicon import fold
from mappings.facts.lexing.plain import plain
from mappings.facts.lexing.symbols import (
    CALL,
    CONTRACT,
    EVENT,
    EXPIRY,
    LATER,
    NOTICE,
    SIGN,
    STARTS,
)
from mappings.facts.meaning.deadlines import is_cancelled_as_of, is_deadline, is_unless_by
from mappings.facts.meaning.kinds import context_of, kind_of
from mappings.facts.meaning.remarks import is_offered
from mappings.facts.meaning.statements import read_statement
from mappings.facts.meaning.undated import read_undated
from mappings.facts.meaning.waits import is_asked_once_it_turns
from mappings.facts.mention import UNDATED, Base, DateMention, Role
from mappings.model import FactKind
from mappings.text import ALIKE
from mappings.values import replace

EXTRACTOR_VERSION = "14"
LONGEST = 20_000  # characters of a text that are read
_HAS_BEEN = re.compile(r"\b(?:a|ont|avait|avaient|aurait|auraient|ai|as|avons|avez) été$", re.IGNORECASE)
_BESIDE = 8  # dates on either side that may lie in the same sentence


@lru_cache(maxsize=4096)
def read_dates(text: str) -> tuple[DateMention, ...]:
    """Every date-bearing statement of a text, in the order of its words; the same for whatever day it was said on."""
    said = ALIKE[text]
    if said == text:
        return _read_plain(text)
    return tuple([_in_words_of(text, mention) for mention in _read_alike(said)])


def _in_words_of(text: str, mention: DateMention) -> DateMention:
    return replace(mention, text=text[mention.start : mention.end])


@lru_cache(maxsize=1024)
def _read_alike(text: str) -> tuple[DateMention, ...]:
    """Of all the texts that differ by their long figures alone."""
    return _read_plain(text)


def _read_plain(text: str) -> tuple[DateMention, ...]:
    written, places = plain(text[:LONGEST])
    folded = fold(written)
    if not has_date_words(folded):
        return ()
    mentions = _read(written, folded)
    return mentions if places is None else tuple(_at_its_place(mention, text, places) for mention in mentions)


def _at_its_place(mention: DateMention, text: str, places: Sequence[int]) -> DateMention:
    start, end = places[mention.start], places[mention.end - 1] + 1
    return replace(mention, start=start, end=end, text=text[start:end])


def _read(text: str, folded: str) -> tuple[DateMention, ...]:
    lexed = lex(folded, text)
    if lexed is None:
        return ()
    times = [as_worded(folded, lexed, found) for found in joined(find_times(lexed))]
    if len(times) > 1:
        times = counted_from_events(folded, lexed, times)
    read = []
    for place, found in enumerate(times):
        beside = times[max(place - _BESIDE, 0) : place + _BESIDE + 1]
        read.append(_mention(text, folded, lexed, found, beside))
    if times:
        read = _corrected(text, folded, lexed, times, read)
    mentions = without_chronicles(lexed, times, read)
    if times:
        mentions = with_sequels(text, folded, lexed, times, read, mentions)
        mentions += read_back_references(text, folded, lexed, times, read)
    mentions += read_undated(text, lexed, times, {mention.kind for mention in mentions})
    return settle(mentions) if mentions else ()


_NAMED = frozenset({"month", "monthday", "date", "ym", "quarter", "half", "season", "year", "weekday"})


def _corrected(
    text: str, folded: str, lexed: Lexed, times: Sequence[Found], read: list[DateMention | None]
) -> list[DateMention | None]:
    """Without the times that are ruled out or taken back; what is said instead says what they would have said."""
    corrections = find_corrections(folded, lexed, times)
    for place, found in enumerate(times):
        before = corrections.stands_for.get(place)
        if before is not None and (narrowed := _narrowed(lexed, found, read[before], read[place])):
            read[place] = narrowed
        if place in corrections.set_aside or read[place]:
            continue
        if before is None and (found.rule not in _NAMED or not opens_a_correction(folded, lexed, found)):
            continue
        first, last = lexed.starts[found.first], lexed.ends[found.last - 1]
        said = DateMention(kind=FactKind.REVISIT, when=found.when, text=text[first:last], start=first, end=last)
        context = context_of(lexed, found)
        if is_refused(folded, lexed, found, context):
            continue  # "don't call in September, and not in October either"
        if before is not None and (replaced := read[before]):
            read[place] = replace(replaced, when=said.when, text=said.text, start=first, end=last)
        elif is_all_that_is_said(folded, lexed, context) and (
            before is None or is_bare(folded, lexed, context_of(lexed, times[before]))
        ):
            read[place] = said
    if not corrections.set_aside:
        return read
    kept = [None if place in corrections.set_aside else mention for place, mention in enumerate(read)]
    if any(kept):
        return kept
    return [mention if mention is not None and mention.is_denied else None for mention in read]  # "今年は無理"


def _kind(
    text: str, folded: str, lexed: Lexed, found: Found, context: Context, times: Sequence[Found]
) -> FactKind | None:
    if is_somebody(text, folded, lexed, found) or is_our_side(folded, lexed, found, context):
        return None
    kind = kind_of(lexed, found, context, times)
    if kind is not FactKind.CONTRACT_END and is_with_a_supplier(text, lexed, found, context):
        return FactKind.CONTRACT_END
    if kind is FactKind.BUDGET_CYCLE and found.when.fiscal and is_asked_once_it_turns(lexed, found, context, times):
        return FactKind.REVISIT
    if kind is FactKind.REVISIT and starts_with_a_rival(text, lexed, found, context):
        return None
    if kind is None and is_asked_for(folded, lexed, found, context):
        return FactKind.REVISIT
    return kind


def _narrowed(lexed: Lexed, found: Found, wide: DateMention | None, said: DateMention | None) -> DateMention | None:
    """ "Lapses mid-year 2027, at the end of June": the second time says what the first would have said."""
    if wide is None or said is None or wide.kind is said.kind or said.kind is not FactKind.REVISIT:
        return None
    if context_of(lexed, found).clause & (CALL | LATER):
        return None
    is_in_its_year = said.when.base is Base.MONTH and said.when.year is None
    when = replace(said.when, year=wide.when.year) if is_in_its_year else said.when
    return replace(wide, when=when, text=said.text, start=said.start, end=said.end)


def _mention(text: str, folded: str, lexed: Lexed, found: Found, times: Sequence[Found]) -> DateMention | None:
    context = context_of(lexed, found)
    if is_corrected(folded, lexed, found, context, times):
        return _said(text, lexed, found, FactKind.REVISIT)
    if (
        found.rule not in SPANS
        and context.sentence & (CONTRACT | EXPIRY | NOTICE)
        and is_unless_by(folded, lexed, found)
    ):
        return _said(text, lexed, found, FactKind.CONTRACT_END, Role.DEADLINE)
    if is_cancelled_as_of(folded, lexed, found):
        return _said(text, lexed, found, FactKind.CONTRACT_END)
    if (
        is_left_alone(folded, lexed, found, context)
        or is_put_as(folded, lexed, found, context)
        or is_away_until(folded, lexed, found, context)
        or is_offered(text, lexed, found, context)
    ):
        return _said(text, lexed, found, FactKind.REVISIT)
    kind = _kind(text, folded, lexed, found, context, times)
    if kind is None or _is_of_no_use(folded, lexed, found, context, kind):
        return None
    if _is_beside_its_time(folded, lexed, found, context, times):
        return None
    if lexed.language == "fr" and _HAS_BEEN.search(text, lexed.starts[found.first], lexed.ends[found.last - 1]):
        return None
    mention = read_statement(text, lexed, found, context, kind)
    if mention is not None and mention.is_denied and _NOR_THE_NEXT.match(folded, lexed.ends[found.last - 1]):
        return replace(mention, when=UNDATED, is_denied=False)
    if mention is None or mention.role is not Role.DATE or found.rule in SPANS:
        return mention
    is_of_a_contract = kind is FactKind.CONTRACT_END or context.sentence & (CONTRACT | EXPIRY)
    if is_of_a_contract and is_deadline(folded, lexed, found):
        return replace(mention, kind=FactKind.CONTRACT_END, role=Role.DEADLINE)
    return mention


def _said(text: str, lexed: Lexed, found: Found, kind: FactKind, role: Role = Role.DATE) -> DateMention:
    first, last = lexed.starts[found.first], lexed.ends[found.last - 1]
    return DateMention(kind=kind, when=found.when, text=text[first:last], start=first, end=last, role=role)


def _is_of_no_use(folded: str, lexed: Lexed, found: Found, context: Context, kind: FactKind) -> bool:
    """Whether a time is over, ruled out, void, or the time of something else."""
    return (
        (found.rule == "past" and not _is_signature(lexed, found, context, kind))
        or ("s" in found.lead and kind is not FactKind.CONTRACT_END)
        or (kind is FactKind.REVISIT and is_refused(folded, lexed, found, context))
        or is_stamp(lexed, found)
        or is_of_something_else(folded, lexed, found, context)
        or is_of_others_plans(folded, lexed, found, context, kind)
        or is_in_vain(folded, lexed, found, context)
        or is_bygone(folded, lexed, found, context)
        or is_unreal(folded, lexed, found, context)
        or _is_behind_an_event(lexed, found, context)
    )


_TERM = re.compile(r"[Nka]o?[ym](?!o?x)")


def _is_signature(lexed: Lexed, found: Found, context: Context, kind: FactKind) -> bool:
    """ "Signed last March": past, and the term is counted from it."""
    told = SIGN | STARTS | (CONTRACT if lexed.language == "ja" else 0)
    if kind is not FactKind.CONTRACT_END or not context.sentence & told:
        return False
    has_term = _TERM.search(lexed.shapes, context.first, context.last) is not None
    return found.when.base is Base.MONTH or (found.when.base is not Base.NONE and has_term)


_NOR_THE_NEXT = re.compile(
    r"\W*(?:(?:and|or|und|oder|ni|ou|o|e|en|of|nor) )?(?:(?:auch nicht|not|nicht|nor|ni|nem|niet|non|ne|pas) )?"
    r"(?:(?:the|das|el|o|il|het) |l'annee )?(?:next|nachste\w*|prochaine?|proximo|seguinte|volgend\w*|prossimo)\b"
    r"(?! (?:spring|summer|fall|week|month|quarter))"
)


_AFTER_SOMETHING = re.compile(r"(?:^|[.,])A[o_]{1,3}$")


def _is_behind_an_event(lexed: Lexed, found: Found, context: Context) -> bool:
    """ "After the demo in March great interest, then silence"."""
    if found.lead not in {"", "i"} or found.when.year is not None or context.clause & (CALL | EVENT | CONTRACT):
        return False
    first = max(found.first - 5, 0)
    return found.rule in {"month", "season", "monthday"} and bool(
        _AFTER_SOMETHING.search(lexed.shapes[first : found.first])
    )


_TOLD_US = re.compile(r"\b(?:told|said\sto|informed|wrote|promised|asked)\s(?:us|me)\s$")


def _is_beside_its_time(folded: str, lexed: Lexed, found: Found, context: Context, times: Sequence[Found]) -> bool:
    """ "Call in October for 2027": the year is what the call is about; "told us in May it would be Q4"."""
    start = lexed.starts[found.first]
    if found.rule == "month" and found.lead == "i" and _TOLD_US.search(folded, max(start - 24, 0), start):
        return any(found.last < other.first < context.last for other in times)
    if found.when.base is not Base.YEAR or "u" not in found.lead or not context.clause & CALL:
        return False
    return any(other.last == found.first and other.rule in _NAMED - {"year"} for other in times)

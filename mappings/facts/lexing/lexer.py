"""A text -> symbols with their values, cues and places. See `mappings.facts.lexing.symbols`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from itertools import chain, islice
from operator import or_

from mappings.facts.lexing.cutting import parts_of
from mappings.facts.lexing.double_meanings import (
    ALSO_NUMBERS,
    GOES_ONWARD,
    OF_CALLS,
    settle_back_half,
    settle_budget_year,
    settle_business_year,
    settle_calls,
    settle_could,
    settle_counted_weekdays,
    settle_numbers,
    settle_onward,
    settle_order_of_figures,
    settle_some_time,
    settle_spans_of_contracts,
    settle_spans_of_years,
    settle_years,
)
from mappings.facts.lexing.doubtful import without_doubtful
from mappings.facts.lexing.japanese import is_japanese, lex_japanese
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.lexicon import is_telling, language_of, vote_of
from mappings.facts.lexing.symbols import (
    CALL,
    CONTRACT,
    DONE,
    ENDS,
    EXPIRY,
    HAVE,
    LATER,
    MISSED,
    NOT,
    PAST,
    PUT,
    REPORT,
    SIGN,
    STARTS,
    TOLD,
    UNLESS,
    WAIT,
    can_tell,
)
from mappings.facts.lexing.tokens import Symbols, symbols_in, symbols_of, words_of
from mappings.kept import Kept
from mappings.text import has_any

_PLAIN_WORD = re.compile(r"[^\W\d_]{2,}")
_FIGURE_OF_TIME = re.compile(r"\d")
_MOST_PARTS = 8192
_LANGUAGE_WORDS = 400  # so many words tell the language of a text
_PASSED = re.compile(r"l(?=o+(?:[SJEV]|[NO]o?M)|nd)")  # "past the summer", "pasado el verano": not the last one
_PASSED_IN_PORTUGUESE = re.compile(r"l(?=[oi]+(?:[SJEV]|[NO]o?M)|nd)")  # "passada a Páscoa", where "a" is also a "to"
_PASSED_BEHIND = frozenset({"es", "pt"})
_THE_LAST = re.compile(r"(?<=[ymqw])(?<![aNkn].)A(?![oi]*[MDNOYQHJESA])")  # "el mes pasado", "no mês passado"
_HALF_OF_A_YEAR = re.compile(r"(?<!a)g(?=o{1,2}y)")  # "o meio do ano", its middle
_YEARS_END = re.compile(r"je(?=D)")  # "GJ-Ende 30.9."
_LAST_DAY = re.compile(r"ld(?=o+M)")  # "the last day of August"


def has_date_words(folded: str) -> bool:
    """Whether a folded text holds anything to read: a figure, or a word of time, waiting or renewal in any language."""
    if is_japanese(folded) or _FIGURE_OF_TIME.search(folded) is not None:
        return True
    return any(map(_TELLING.__getitem__, folded.split(" ")))


def _tells(written: str) -> bool:
    return any(map(is_telling, _PLAIN_WORD.findall(written)))


_TELLING = Kept(_tells, most=_MOST_PARTS)


def lex(folded: str, text: str) -> Lexed | None:
    """The symbols of a text; `folded` is the same text folded. None where they cannot tell of time at all."""
    if is_japanese(folded):
        shapes, values, cues, starts, ends = lex_japanese(folded)
        any_cue = reduce(or_, cues, 0)
        whole = Symbols(shapes, tuple(values), tuple(cues), any_cue, tuple(starts), tuple(ends), False, "")
        return Lexed("ja", shapes, values, cues, [folded], [whole], any_cue)
    written = parts_of(folded)
    language = language_of(_votes(folded, written))
    known = symbols_in(language)
    parts = [known[part] for part in written]
    for place in [place for place, part in enumerate(parts) if part.leans and place]:
        parts[place] = symbols_of(written[place], language, _last_said(parts, place))
    shapes = "".join([part.shapes for part in parts])
    any_cue = reduce(or_, [part.any_cue for part in parts], 0)
    if not can_tell(shapes, any_cue):
        return None
    cues = list(chain.from_iterable([part.cues for part in parts]))
    values = list(chain.from_iterable([part.values for part in parts]))
    return _settled(Lexed(language, shapes, values, cues, written, parts, any_cue), folded, text)


def _settled(lexed: Lexed, folded: str, text: str) -> Lexed:
    """The symbols, those with several meanings told apart."""
    language, cues = lexed.language, lexed.cues
    if language in ALSO_NUMBERS and "N" in lexed.shapes:
        settle_numbers(lexed, folded)
    if language == "pt" and "W" in lexed.shapes:
        settle_counted_weekdays(lexed, folded)
    if lexed.any_cue & UNLESS:
        lexed.shapes = without_doubtful(lexed.shapes, cues, lexed.values, language)
    if language in _JUST_DONE:
        _settle_just_done(lexed, folded)
    if language in _ACCENTS:
        _settle_accents(lexed, text)
        lexed.any_cue = reduce(or_, cues, 0)
    if language in _PASSED_BEHIND:
        lexed.shapes = _THE_LAST.sub("l", lexed.shapes)
    if language == "en":
        _settle_english(lexed, folded)
    if lexed.any_cue & CALL and has_any(folded, OF_CALLS):
        settle_calls(lexed, folded)
    if language in GOES_ONWARD and "Z" in lexed.shapes:
        settle_onward(lexed, folded)
    settle_years(lexed)
    lexed.shapes = _HALF_OF_A_YEAR.sub("c", lexed.shapes)
    joined = _YEARS_END.sub("ej", lexed.shapes.replace("fy", "oj").replace("yf", "jo"))
    passed = _PASSED_IN_PORTUGUESE if language == "pt" else _PASSED
    lexed.shapes = _LAST_DAY.sub("eo", passed.sub("A", joined))
    if "," in lexed.shapes:
        _settle_spans(lexed)
    return lexed


def _settle_spans(lexed: Lexed) -> None:
    if "j" in lexed.shapes:
        settle_spans_of_years(lexed)
    if lexed.any_cue & CONTRACT:
        settle_spans_of_contracts(lexed)


def _settle_english(lexed: Lexed, folded: str) -> None:
    if "_y" in lexed.shapes:
        settle_budget_year(lexed)
    if "y_" in lexed.shapes and lexed.any_cue & ENDS:
        settle_business_year(lexed)
    if "_h" in lexed.shapes or "_eoM" in lexed.shapes:
        settle_back_half(lexed)
    if lexed.any_cue & TOLD and "ould" in folded:
        settle_could(lexed, folded)
    if "koi" in lexed.shapes:
        settle_some_time(lexed, folded)
    if lexed.shapes.count("D") > 1:
        settle_order_of_figures(lexed)


def _last_said(parts: Sequence[Symbols], place: int) -> str:
    """The word or stop before a part."""
    return next((parts[before].last for before in range(place - 1, -1, -1) if parts[before].last), "")


def _votes(folded: str, written: Sequence[str]) -> int:
    """The votes of the first words, for each language that knows them."""
    if len(folded) <= _LANGUAGE_WORDS:
        return sum(map(_VOTES.__getitem__, written))
    words = chain.from_iterable(map(words_of, written))
    return sum(map(vote_of, islice(words, _LANGUAGE_WORDS)))


def _votes_of(part: str) -> int:
    return sum(map(vote_of, words_of(part)))


_VOTES = Kept(_votes_of, most=_MOST_PARTS)


def _settle_just_done(lexed: Lexed, folded: str) -> None:
    """ "Acaban de renovar", "viennent de signer": done, and no end."""
    for found in _JUST_SIGNED.finditer(folded):
        for place, start in enumerate(lexed.starts):
            if start in {found.start("verb"), found.start("said")}:
                lexed.cues[place] = lexed.cues[place] & ~(ENDS | EXPIRY | CALL | LATER | PAST) | SIGN
                lexed.any_cue |= SIGN


_JUST_DONE = frozenset({"es", "fr", "pt"})
_JUST_SIGNED = re.compile(
    r"\b(?P<verb>acab\w+|vien(?:t|nent)|venons)\s(?:de\s|d')(?:se\s|s')?(?P<said>(?:renov|firm|assin|contrat|sign|reconduir|reengag|rengag|prolong|prorrog|prorog)\w*)"
)


def _settle_accents(lexed: Lexed, text: str) -> None:
    """Two accents that tell words apart: "a" from "à" in French, "llamo" from "llamó" in Spanish.

    Where a text has none, a French word behind another one is taken for what was done ("RDV annule le 12 avril"),
    unless it asks for something or says what a contract does.
    """
    is_accented = not text.isascii()
    for place, cue in enumerate(lexed.cues):
        if cue & WAIT and lexed.language == "fr" and place and lexed.shapes[place - 1] == "N":
            lexed.cues[place] = PAST  # "trois fois"
        elif cue & HAVE and text[lexed.starts[place]] in "àÀ":
            lexed.cues[place] &= ~HAVE
        elif cue & _DONE_IN_FRENCH and _is_unaccented(text, lexed.ends[place]) and lexed.language == "fr":
            is_behind = place > 0 and lexed.shapes[place - 1] == "_" and not lexed.cues[place - 1] & NOT
            if place and lexed.cues[place - 1] & HAVE and not is_accented:
                continue
            if not is_accented and is_behind and not cue & (CALL | EXPIRY | ENDS | LATER | PUT | REPORT | STARTS):
                continue
            lexed.cues[place] &= ~_DONE_IN_FRENCH  # "expire" is no "expiré"
        elif not cue and lexed.shapes[place] == "_" and text[lexed.ends[place] - 1] in "óÓ":
            lexed.cues[place] = TOLD


def _is_unaccented(text: str, end: int) -> bool:
    """ "Annule", but not "annulé" nor "annulée"."""
    return text[end - 1] in "eE" and text[end - 2] not in "éÉ"


_DONE_IN_FRENCH = TOLD | DONE | MISSED | PAST
_ACCENTS = frozenset({"es", "fr"})

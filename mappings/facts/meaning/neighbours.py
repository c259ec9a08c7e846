"""What a cue word says beside its neighbours: a call that was made asks for none, a hiring freeze is no budget's."""

from __future__ import annotations

import re

from mappings.facts.grammar.times import Context, Found
from mappings.facts.lexing.lexed import Lexed
from mappings.facts.lexing.symbols import (
    BACK,
    BLOCK,
    BOUND,
    BUDGET,
    CALL,
    CONTRACT,
    DONE,
    ENDS,
    EVENT,
    EXPIRY,
    HAVE,
    IN_FIGURES,
    LATER,
    NOTICE,
    PAST,
    PERSON,
    SIGN,
    TOLD,
)
from mappings.facts.mention import Edge

GENITIVE = 1  # the value of "of"
_BACK = 1  # the value of the English word, whose shape is that of any other


def cue_beside(lexed: Lexed, place: int, found: Found, context: Context) -> int:
    """The cues of a word for a time expression, 0 where it has nothing to say."""
    cue = lexed.cues[place]
    if _is_told_by_itself(lexed, place, found):
        cue = PAST
    if cue & EVENT and cue & LATER and context.clause & ENDS:
        cue = BLOCK  # "their project ends in May"
    if _says_nothing(lexed, place, cue, context) or (cue & BLOCK and _is_brought_along(lexed, place)):
        return 0
    if cue & BUDGET and cue & LATER and has_cue(lexed, place - 1, place, EVENT):
        cue &= ~BUDGET  # "hiring freeze"
    if cue & CALL and _is_future_of_another(lexed, place):
        cue &= ~CALL  # "verrà deciso"
    if cue & SIGN and lexed.values[place] == _SHUT and not context.sentence & CONTRACT:
        cue &= ~SIGN  # "the office is closed until 3 January"
    if lexed.shapes[place] == "e":
        cue &= ~ENDS  # "the end", of something else
    if cue & CALL and _is_one_of_many(lexed, place, found):
        return 0 if _is_awaited(lexed, place, found, context) else PAST
    if lexed.language == "de" and cue & EXPIRY and context.clause & PERSON and context.clause & HAVE:
        return EVENT  # "Herr Lang hat zum 1. Mai gekündigt"
    if other := _end_of_another(lexed, place, cue):
        return other
    if cue & PAST and ("U" in lexed.shapes[max(place - 2, 0) : place] or _is_to_be(lexed, place)):
        return (
            0 if context.clause & NOTICE and lexed.language == "en" else CALL
        )  # "to be contacted", but "notice must be received"
    return cue


def _is_awaited(lexed: Lexed, place: int, found: Found, context: Context) -> bool:
    """ "Ligar depois da reunião de 14 de abril": a meeting to come, after which another call is asked for."""
    is_after = found.when.edge is Edge.AFTER and found.when.day and lexed.cues[place] & PERSON
    if not is_after or context.clause & (PAST | TOLD | DONE | HAVE):
        return False
    opened = lexed.shapes.rfind("A", context.first, place)
    return opened > 0 and has_cue(lexed, context.first, opened, CALL)


def _is_brought_along(lexed: Lexed, place: int) -> bool:
    """ "Come back with the proposal in May"."""
    start = lexed.starts[place]
    led = None if lexed.language == "ja" else _WITH.search(lexed.folded, max(start - 24, 0), start)
    if led is None or _TOLD_BEFORE.search(lexed.folded, 0, led.start()):
        return False
    return has_cue(lexed, place - 5, place, CALL)


_TOLD_BEFORE = re.compile(r"(?:[aei]mos|aron|ieron|ram|ou|eu|ed)\s$")  # "volvimos con la propuesta"
_WITH = re.compile(r"\b(?:with|mit|avec|con|com|met)\s(?:\w+\s|\w')?(?:\w+\s)?$")


def _says_nothing(lexed: Lexed, place: int, cue: int, context: Context) -> bool:
    """ "The back end of 2028", "agreement valid until May"."""
    is_back = cue & BACK and lexed.values[place] == _BACK
    if is_back and lexed.language == "en" and lexed.shapes[place + 1 : place + 2] == "e":
        return True
    is_valid = cue & BLOCK and lexed.folded.startswith(_VALID, lexed.starts[place])
    return bool(is_valid and context.clause & CONTRACT)


def _end_of_another(lexed: Lexed, place: int, cue: int) -> int:
    """What "the quote expires", "the price is locked", "the school year ends" speak for; 0 where it is nothing else."""
    if cue & (EXPIRY | ENDS):
        first = max(lexed.shapes.rfind(stop, 0, place) for stop in ".&") + 1  # "forty people and our renewal is in May"
        if any(_is_of_no_contract(lexed, before) for before in range(max(first, place - 3), place)):
            return BLOCK
    if cue & BOUND and _is_price(lexed, place):
        return BLOCK
    is_season = cue & ENDS and _SEASON.search(lexed.folded, max(lexed.starts[place] - 30, 0), lexed.starts[place])
    return EVENT if is_season else 0


def _is_of_no_contract(lexed: Lexed, place: int) -> bool:
    """A quote or a price, but not the "minimum" of "the minimum term ends"."""
    return bool(lexed.cues[place] & BLOCK) and not has_cue(lexed, place + 1, place + 2, CONTRACT)


_SEASON = re.compile(
    r"\b(?:(?:school|academic|calendar) (?:year|term)|semester|season|strike|pandemic|holidays|schuljahr|saison"
    r"|streik|ferien|annee (?:scolaire|universitaire)|greve|vacances|(?:curso|ano) escolar|curso|temporada|huelga"
    r"|vacaciones|ano letivo|ferias"
    r"|schooljaar|seizoen|staking|vakantie|anno scolastico|stagione|sciopero|ferie)\s(?:(?:se|si)\s)?$"
)


def _is_price(lexed: Lexed, place: int) -> bool:
    """ "The price is locked until June"."""
    return _PRICE.search(lexed.folded, max(lexed.starts[place] - 24, 0), lexed.starts[place]) is not None


_PRICE = re.compile(
    r"\b(?:prices?|pricing|rates?|tariffs?|discount|preise?|tarife?|prix|precios?|tarifas?|precos?|prezz[oi]|prij(?:s|zen))\s"
    r"(?:(?:is|are|was|were|ist|sind|est|sont|es|son|e|sao|sono|stays?|remains?)\s)?$"
)
_VALID = ("valid", "gultig", "valable", "valid", "geldig", "vigente")
_SHUT = 6  # the value of "geschlossen" and "gesloten"
_WILL_BE = 3  # the value of "verrà", "wird", "sera", "will be": with a participle, what is still to be done


def is_to_come(lexed: Lexed, first: int, last: int) -> bool:
    """ "Verrà deciso", "wird im Oktober beschlossen": a participle of what is still to be done."""
    if _WILL_BE not in lexed.values:
        return False
    return any(_will_be(lexed, place) and has_cue(lexed, place + 1, last, _DONE) for place in range(first, last))


def _will_be(lexed: Lexed, place: int) -> bool:
    return lexed.shapes[place] == "_" and lexed.values[place] == _WILL_BE


def _is_to_be(lexed: Lexed, place: int) -> bool:
    if lexed.language != "en" or place == 0 or not _will_be(lexed, place - 1):
        return False
    return _TAKEN_OVER.match(lexed.folded, lexed.starts[place]) is None


_TAKEN_OVER = re.compile(r"(?:bought|acquired|purchased)\s(?:out\s)?by\b")


_DONE = TOLD | DONE | SIGN | PAST | EXPIRY


def _is_future_of_another(lexed: Lexed, place: int) -> bool:
    return _will_be(lexed, place) and has_cue(lexed, place + 1, min(place + 2, len(lexed.cues)), TOLD | DONE)


def _is_told_by_itself(lexed: Lexed, place: int, found: Found) -> bool:
    """ "Relancé", which is no "relance", and "interested back in March"."""
    cue = lexed.cues[place]
    if lexed.language == "fr":
        return bool(cue & CALL and cue & PAST)
    is_back = cue & BACK and lexed.values[place] == _BACK and lexed.shapes[place] == "_"
    if cue & CALL and place == found.first - 2 and lexed.values[place + 1] == _BACK:
        return lexed.shapes[max(place - 2, 0) : place] in _ON_A
    return bool(is_back and place == found.first - 1 and lexed.cues[place - 1] & (DONE | LATER))


_ON_A = frozenset({"ia", "io"})  # "promised on a call back in March"


def _is_one_of_many(lexed: Lexed, place: int, found: Found) -> bool:
    """A call that was made: "we had a call", "last call", "first call 3 March", "a reunião foi dia 9"."""
    opening = lexed.shapes[max(place - 3, 0) : place].rstrip("o")
    is_counted = opening[-1:] == "O" and not lexed.cues[place - 1] & IN_FIGURES
    if _is_of_a_day(lexed, place, found) or (_is_after_it(lexed, place, opening) and not _is_in(lexed, place, found)):
        return True
    is_over = place < found.first and has_cue(lexed, place + 1, min(place + 3, found.first), PAST)
    behind = lexed.shapes[place + 1 : min(place + 3, found.first)]
    return is_counted or opening[-1:] == "l" or (is_over and "," not in behind) or _is_told(lexed, place)


def _is_after_it(lexed: Lexed, place: int, opening: str) -> bool:
    """ "After our call in April", "seit dem Gespräch im Mai"."""
    is_noun = lexed.cues[place] & PERSON or lexed.shapes[place - 1] == "o"
    return opening[-1:] in {"A", "s"} and bool(is_noun)


def _is_in(lexed: Lexed, place: int, found: Found) -> bool:
    """三か月後の提案: the "after" behind the span is its own."""
    return lexed.language == "ja" and place == found.last + 2 and lexed.shapes[found.last] == "A"


def _is_of_a_day(lexed: Lexed, place: int, found: Found) -> bool:
    """ "Llamada del 12 de mayo", 5月12日の電話: the call of that day, not a call on it."""
    if lexed.language == "ja" and lexed.shapes[found.last : found.last + 3] == "o_A" and _is_told_of(lexed, place):
        return place == found.last + 1  # 8月の提案後、音信不通
    if not found.when.day or "i" in found.lead:
        return False
    if lexed.language == "ja":
        return place == found.last + 1 and lexed.shapes[found.last] == "o" and lexed.values[found.last] == GENITIVE
    between = lexed.shapes[place + 1 : found.core]
    return between != "" and not between.strip("o") and lexed.values[place + 1] == GENITIVE


def _is_told_of(lexed: Lexed, place: int) -> bool:
    """Whether what follows is over."""
    end = lexed.shapes.find(".", place)
    return has_cue(lexed, place + 1, len(lexed.cues) if end < 0 else end, PAST | TOLD)


def is_call_of(lexed: Lexed, place: int, found: Found) -> bool:
    """ "Came up on the August call", "en la llamada de agosto": a noun that the time tells from others."""
    if lexed.language == "en":
        return place == found.last and found.core > 0 and lexed.shapes[found.core - 1] == "o"
    between = lexed.shapes[place + 1 : found.core]
    return "i" not in found.lead and between != "" and not between.strip("o") and lexed.shapes[place - 1] == "o"


def _is_told(lexed: Lexed, place: int) -> bool:
    """ "We had a call in May" tells; "they asked to call in May" asks."""
    for before in range(place - 1, max(place - 4, -1), -1):
        if lexed.shapes[before] in "U,.":
            return False
        if lexed.cues[before] & PAST:
            return True
    return False


def is_in_brackets(lexed: Lexed, found: Found) -> bool:
    """Whether a time stands by itself behind an opening bracket: "(May 2025)", "(expected June)"."""
    if found.lead or "," not in lexed.shapes[max(found.first - _BESIDE_BRACKET, 0) : found.first]:
        return False
    start = lexed.starts[found.first]
    return _OPENED.search(lexed.folded, max(start - 24, 0), start) is not None


def is_start_of_new_year(lexed: Lexed, found: Found) -> bool:
    """ "The new fiscal year (1 July)": the day on which it starts."""
    return is_in_brackets(lexed, found) and _NEW_YEAR.search(lexed.shapes, 0, found.first) is not None


_NEW_YEAR = re.compile(r"[n*]o?(?:j|fy),$")
_BESIDE_BRACKET = 4  # symbols
_OPENED = re.compile(r"[(（][^()（）.;,]{0,22}$")


def has_cue(lexed: Lexed, first: int, last: int, cue: int) -> bool:
    return any(lexed.cues[place] & cue for place in range(max(first, 0), last))

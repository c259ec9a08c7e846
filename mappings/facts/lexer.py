"""A text -> symbols with their values, cues and places. See `mappings.facts.symbols`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mappings.facts.japanese import is_japanese, lex_japanese
from mappings.facts.lexicon import is_telling, language_of, word_finder
from mappings.facts.symbols import (
    ABBREVIATIONS,
    BLOCK,
    BUDGET,
    CALL,
    DONE,
    HAVE,
    IN_FIGURES,
    MISSED,
    PAST,
    PERSON,
    REPORT,
    TOLD,
    UNLESS,
)

_TOKEN = re.compile(  # grouped by first character, so that a word is not tried as a date in figures
    r"""
    (?=[^ ])(?:
    (?P<word>[^\W\d_]{3,}+(?!\d))
  | (?=[\d$€£¥])(?:
        (?P<glued>\b\d{1,2}(?P<dash>-?)
          (?:jan|ene|gen|feb|fev|mar|mrt|mrz|apr|avr|abr|may|mai|mei|mag|jun|giu|jul|lug|aug|ago|sep|set|oct|okt|out|ott|nov|dec|dez|dic)
          [a-z]{0,6}(?P=dash)'?(?:20)?\d\d(?!\w))
      | (?P<iso>\b(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?![\d-]))
      | (?P<dmy>\b\d{1,2}(?P<sep>[-/.])\s?\d{1,2}(?P=sep)\s?(?:(?:19|20)\d\d|\d\d)(?!\d|[-/.]\d))
      | (?P<ym>\b(?:19|20)\d\d[-/](?:0[1-9]|1[0-2])(?![\d-])|\b(?:0?[1-9]|1[0-2])[/.-](?:19|20)\d\d(?!\d))
      | (?P<nth_quarter>\b[1-4]\.?\s?q(?![a-z])|\b[1-4]t(?=\s?'?(?:20)?[2-4]\d\b))
      | (?P<year_behind>(?:(?<=[qhts][1-4][-/ '])|(?<=\d[qhts])|(?<=\d[qhts][-/ ']))[2-4]\d(?!\d))
      | (?P<nth_half>\b[12][hs](?![a-z]))
      | (?P<money>[$€£¥]\s?\d[\d.,]*\s?(?:k|m|bn|mio|mil)?\b|\b\d[\d.,]*\s?(?:[€£$¥%]|(?:eur|usd|gbp|chf|k|kg|gb|tb)\b)
          |\b\d{1,3}(?:[.,']\d{3})+\b|\b\d+(?:\.\d+){2,}|\b\d+:\d\d|\b24/7\b|\b\d{5,}\b)
      | (?P<dm>\b\d{1,2}\.\s?\d{1,2}\.(?!\d)|\b\d{1,2}/\d{1,2}(?![\d/]))
      | (?P<ordinal>\b\d{1,2}(?:st|nd|rd|th|er|eme|e|de|ste|[ºª°]|\.(?=\s?[a-z]))(?![a-z]))
      | (?P<number>\b\d+(?:[.,]5)?(?=\D|$)))
  | (?=[a-z])(?:
        (?P<follow_up>(?<![a-z])(?:f/u|c/b)(?![a-z]))
      | (?P<through>(?<![a-z])t/m(?![a-z]))
      | (?P<nth_week>(?<![a-z])(?:(?:kw|cw|wk)[\s.]{0,2}|w)\d{1,2}(?![0-9a-z])|(?<![a-z])s(?:[3-9]|[1-5]\d)(?![0-9a-z]))
      | (?P<fy>(?<![a-z])(?:fy|cy|gj|ej)\s?'?(?:20)?\d\d(?:\s?[/-]\s?'?(?:20)?\d\d)?(?!\d))
      | (?P<quarter>(?<![a-z])[qtk]\s?[1-4](?![0-9a-z])|\b[qt][1-4](?='?\d\d\b|fy))
      | (?P<half>\b[hs][12](?![0-9a-z])|\bh[12](?='?\d\d\b|fy))
      | (?P<version>\bv\d+(?:\.\d+)*)
      | (?P<double_x>\bxx\b))
  | (?P<short_word>[^\W\d_]+)
  | (?P<blank>[\[{<]{1,2}\s?[a-z _/]{1,30}\s?[\]}>]{1,2}|\?{2,}|_{2,})
  | (?P<short>'\d\d(?!\d))
  | (?P<stop>[.!?;\n]+|[,:()\[\]/…–—|+]|(?<=\s)[-*](?=\s)))
    """,
    re.VERBOSE,
)
_PLAIN_WORD = re.compile(r"[^\W\d_]{2,}")
_FIGURE_OF_TIME = re.compile(r"\d")
_WORDS = frozenset({"word", "short_word"})
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class Lexed:
    """`shapes[i]` stands for the text from `starts[i]` to `ends[i]`; `values` and `cues` go with it."""

    language: str
    shapes: str
    values: list[Any]
    cues: list[int]
    starts: list[int]
    ends: list[int]


def has_date_words(folded: str) -> bool:
    """Whether a folded text holds anything to read: a figure, or a word of time, waiting or renewal in any language."""
    if is_japanese(folded) or any(map(is_telling, _PLAIN_WORD.findall(folded))):
        return True
    return _FIGURE_OF_TIME.search(folded) is not None


def lex(folded: str, text: str) -> Lexed:
    """The symbols of a text; `folded` is the same text folded."""
    if is_japanese(folded):
        return Lexed("ja", *lex_japanese(folded))
    pieces = list(_pieces(folded))
    language = language_of([word for piece, _ in pieces for word in _words_of(piece)])
    lexed = Lexed(language, "", [], [], [], [])
    shapes: list[str] = []
    for piece, at in pieces:
        read = _symbols_of(piece, language)
        shapes += read.shapes
        lexed.values += read.values
        lexed.cues += read.cues
        lexed.starts += [at + start for start in read.starts]
        lexed.ends += [at + end for end in read.ends]
    _settle_doubtful(shapes, lexed.cues, language)
    if language in _ACCENTS:
        _settle_accents(lexed, shapes, text, language)
    joined = "".join(shapes).replace("fy", "oj").replace("yf", "jo")
    lexed.shapes = _LAST_DAY.sub("eo", _PASSED.sub("A", joined))
    return lexed


def _pieces(folded: str) -> Iterator[tuple[str, int]]:
    """The text cut where a word ends a sentence and another opens one, with the places: no symbol goes across."""
    at = 0
    for cut in _BETWEEN_SENTENCES.finditer(folded):
        yield folded[at : cut.start()], at
        at = cut.end()
    yield folded[at:], at


_PASSED = re.compile(r"l(?=o+[SJEV])")  # "past the summer", "pasado el verano": not the last one
_LAST_DAY = re.compile(r"ld(?=o+M)")  # "the last day of August"
_BETWEEN_SENTENCES = re.compile(r"(?<=[^\W\d_]{3}[.!?]) (?=[^\W\d_])")


@lru_cache(maxsize=1024)
def _tokens_of(piece: str) -> tuple[tuple[str, str, int, int], ...]:
    """Words, figures and stops with what they are and where; sentences repeat where texts do not."""
    return tuple([(found.lastgroup or "", found[0], *found.span()) for found in _TOKEN.finditer(piece)])


@lru_cache(maxsize=1024)
def _words_of(piece: str) -> tuple[str, ...]:
    return tuple([said for group, said, _, _ in _tokens_of(piece) if group in _WORDS])


@lru_cache(maxsize=1024)
def _symbols_of(piece: str, language: str) -> Lexed:
    """The symbols of a piece, each word taken by itself."""
    find = word_finder(language)
    persons = _OF_PERSONS[language == "nl"]
    symbols: list[tuple[str, Any, int, int, int]] = []
    before = ""
    for group, said, start, end in _tokens_of(piece):
        if group in _WORDS:
            shape, value, cues = find(said)
            if cues & PERSON and before in persons:
                cues &= ~CALL  # "our contact"
        elif said == "." and before in ABBREVIATIONS:
            continue
        else:
            shape, value = _FIGURES[group](said)
            cues = _CUES_OF_FIGURES.get(group, 0)
        before = said
        symbols.extend([(symbol, value, cues, start, end) for symbol in shape])
    if not symbols:
        return Lexed(language, "", [], [], [], [])
    shapes, values, all_cues, starts, ends = zip(*symbols, strict=True)
    return Lexed(language, "".join(shapes), list(values), list(all_cues), list(starts), list(ends))


def _settle_doubtful(shapes: list[str], cues: list[int], language: str) -> None:
    """May, march, fall and their kin are date words only beside another one."""
    beside = _BEFORE_ENGLISH if language == "en" else _BEFORE
    for place, cue in enumerate(cues):
        if cue & UNLESS and shapes[place] != "_":
            lead = place - 1
            led_by = "iAUBo" if shapes[place] == "S" else "ebczwhNOoWP"
            while language == "en" and lead > 0 and shapes[lead] == "o" and shapes[lead - 1] in led_by:
                lead -= 1  # "in the spring", "the end of March"
            before = shapes[lead] if place else "."
            after = shapes[place + 1] if place + 1 < len(shapes) else "."
            if (shapes[place] == "N" and after in "dwmqhy") or (shapes[place] == "l" and after == "o"):
                continue
            if shapes[place] == "M" and before == "&" and lead and shapes[lead - 1] not in "MQSY":
                before = "_"  # "was not proposed and may have failed"
            if place and cues[place - 1] & REPORT and language != "en" and shapes[place] == "M":
                continue  # "elle a dit mars"
            if before not in beside and after not in "YNqhW" and not (before in ".," and after in ".,"):
                shapes[place] = "_"


def _settle_accents(lexed: Lexed, shapes: list[str], text: str, language: str) -> None:
    """Two accents that tell words apart: "a" from "à" in French, "llamo" from "llamó" in Spanish."""
    for place, cue in enumerate(lexed.cues):
        if cue & HAVE and text[lexed.starts[place]] in "àÀ":
            lexed.cues[place] &= ~HAVE
        elif cue & _DONE_IN_FRENCH and text[lexed.ends[place] - 1] in "eE" and language == "fr":
            lexed.cues[place] &= ~_DONE_IN_FRENCH  # "expire" is no "expiré"
        elif not cue and shapes[place] == "_" and text[lexed.ends[place] - 1] in "óÓ":
            lexed.cues[place] = TOLD


_DONE_IN_FRENCH = TOLD | DONE | MISSED | PAST
_ACCENTS = frozenset({"es", "fr"})
_PERSONAL = """
the my our their his her el la mi su nuestro nuestra meu minha nosso nossa o il mio nostro loro le mon notre leur der
die den unser unsere mein meine
"""
_OF_PERSONS = (frozenset(_PERSONAL.split()), frozenset({"de", "het", "onze", "mijn", "hun"}))
_BEFORE_ENGLISH = frozenset("iABUnebcztlsvNOu&MQwhWP")
_BEFORE = frozenset("iABUnebcztlsvNOouM&WP")


def _numbers(said: str) -> list[int]:
    return [int(digits) for digits in _DIGITS.findall(said)]


def _full_year(year: int) -> int:
    return year if year > 99 else 2000 + year


def _dmy(said: str) -> tuple[str, Any]:
    first, second, year = _numbers(said)
    separator = next(sign for sign in said if not sign.isdigit())
    return "D", (first, second, _full_year(year), separator)


def _ym(said: str) -> tuple[str, Any]:
    first, second = _numbers(said)
    return "L", (first, second) if first > 99 else (second, first)


def _fy(said: str) -> tuple[str, Any]:
    years = _numbers(said)
    return "Y" if said.startswith("cy") else "F", _full_year(years[-1])


def _day_month(said: str) -> tuple[str, Any]:
    first, second = _numbers(said)
    if not (1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12):
        return "_", 0
    return "D", (first, second, None, "." if "." in said else "/")


def _number(said: str) -> tuple[str, Any]:
    if not said.isdigit():
        return "N", float(said.replace(",", "."))
    value = int(said)
    return ("Y" if len(said) == 4 and 1980 <= value <= 2099 else "N"), value


def _stop(said: str) -> tuple[str, Any]:
    if said in "/+":
        return "&" if said == "/" else "", 0
    return ("." if said[0] in ".!?;\n" else ","), 0


_MONTH_BEGINNINGS = (
    "jan ene gen", "feb fev", "mar mrt mrz", "apr avr abr", "may mai mei mag", "jun giu", "jul lug", "aug ago",
    "sep set", "oct okt out ott", "nov", "dec dez dic",
)  # fmt: skip
_MONTH_NUMBERS = {word: n for n, words in enumerate(_MONTH_BEGINNINGS, start=1) for word in words.split()}


def _glued(said: str) -> tuple[str, Any]:
    """31Dec2027, 1-Dec-27"""
    day, year = _numbers(said.replace("-", " "))
    month = _MONTH_NUMBERS[said.lstrip("0123456789-")[:3]]
    return ("D", (_full_year(year), month, day, "iso")) if 1 <= day <= 31 else ("_", 0)


_CUES_OF_FIGURES = {"money": BLOCK, "version": BLOCK, "follow_up": CALL, "fy": BUDGET, "ordinal": IN_FIGURES}
_FIGURES = {
    "glued": _glued,
    "iso": lambda said: ("D", (*_numbers(said), "iso")),
    "dmy": _dmy,
    "ym": _ym,
    "fy": _fy,
    "quarter": lambda said: ("Q", _numbers(said)[0]),
    "year_behind": lambda said: ("Y", 2000 + int(said)),
    "nth_quarter": lambda said: ("Q", _numbers(said)[0]),
    "nth_half": lambda said: ("H", _numbers(said)[0]),
    "version": lambda _: ("_", 0),
    "double_x": lambda _: ("[", 0),
    "half": lambda said: ("H", _numbers(said)[0]),
    "follow_up": lambda _: ("_", 0),
    "through": lambda _: ("U", 1),
    "nth_week": lambda said: ("wN", _numbers(said)[0]),
    "money": lambda _: ("_", 0),
    "dm": _day_month,
    "ordinal": lambda said: ("O", _numbers(said)[0]),
    "short": lambda said: ("Y", 2000 + _numbers(said)[0]),
    "number": _number,
    "blank": lambda _: ("[", 0),
    "stop": _stop,
}

"""What stands between two spaces, or a sentence with figures -> its symbols. See `mappings.facts.lexing.symbols`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial, reduce
from operator import or_
from typing import Any

from mappings.facts.lexing.lexicon import word_finder
from mappings.facts.lexing.symbols import ABBREVIATIONS, BLOCK, BUDGET, CALL, IN_FIGURES, PERSON
from mappings.kept import Kept

# Letters and figures by turns are a reference, unless they are periods ("fy27q2"), spans ("2y6m") or name a month.
_PERIODS = r"(?:(?:fy|cy|gj|ej|kw|cw|wk|[qhstkw])?\d{1,4}){2,3}(?:fy|[qhst])?(?![0-9a-z])"
_SPANS = r"(?:\d{1,2}(?:yrs?|y|mos?|mths?|m|wks?|w|d|j|h)){2,3}(?![0-9a-z])"
_IN_WORDS = r"[0-9a-z]*(?:jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[czs]|dic|half|quart)"
_CODE = (
    r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    rf"|(?=\d+[a-z]+\d|[a-z]+\d+[a-z])(?!{_PERIODS}|{_SPANS}|{_IN_WORDS})[0-9a-z]{{4,}}(?![0-9a-z]))"
)
_TOKEN = re.compile(  # grouped by first character, so that a word is not tried as a date in figures
    r"""
    (?=[^ ])(?:
    (?P<word>[^\W\d_]{3,}+(?!\d))
  | (?=[0-9a-z]{4})(?P<code>"""
    + _CODE
    + r""")
  | (?=[\d$€£¥])(?:
        (?P<glued>\b\d{1,2}(?P<dash>-?)
          (?:jan|ene|gen|feb|fev|mar|mrt|mrz|apr|avr|abr|may|mai|mei|mag|jun|giu|jul|lug|aug|ago|sep|set|oct|okt|out|ott|nov|dec|dez|dic)
          [a-z]{0,6}(?P=dash)'?(?:20)?\d\d(?!\w))
      | (?P<reference>(?<=\#)\d{3,}(?![\w-]|[./]\d))
      | (?P<iso>(?<![a-z][-_/#])\b(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?![\d-]))
      | (?P<dmy>\b\d{1,2}(?P<sep>[-/.])\s?\d{1,2}(?P=sep)\s?(?:(?:19|20)\d\d|\d\d)(?!\d|[-/.]\d))
      | (?P<spaced>(?<!\d\s)\b(?:0?[1-9]|[12]\d|3[01])\s(?:0?[1-9]|1[0-2])\s20[2-4]\d(?!\s?\d))
      | (?P<ym>(?<![a-z][-_/#])\b(?:19|20)\d\d[-/](?:0[1-9]|1[0-2])(?![\d-])
          |\b(?:0?[1-9]|1[0-2])[/.-](?:19|20)\d\d(?!\d))
      | (?P<nth_quarter>\b[1-4]\.?\s?q(?![a-z])|\b[1-4]t(?=\s?'?(?:20)?[2-4]\d\b)
          |(?:(?<=\b(?:el|no|do|au|du)\s)|(?<=\bdel\s))[1-4]t(?![0-9a-z]))
      | (?P<year_behind>(?:(?<=[qhtsj][1-4][-/ '])|(?<=\d[qhts])|(?<=\d[qhts][-/ ']))[2-4]\d(?!\d))
      | (?P<nth_half>\b[12][hs](?![a-z])
          |\b[12]\s?(?:[º°]|o|er|e|eme|nd)\s?sem(?![a-z])\.?(?!\sd[eu]l?\s(?!(?:20)?\d\d)))
      | (?P<fraction>\b[13]/[24][\s-]?(?=(?:jahr|jaar|year|yr)))
      | (?P<clock>\b(?:[01]?\d|2[0-3]):[0-5]\d(?!:?\d)(?:\s?[ap]\.?m\b\.?)?|\b(?:1[0-2]|0?[1-9])\s?p\.?m\b\.?)
      | (?P<money>[$€£¥]\s?\d[\d.,]*\s?(?:k|m|bn|mio|mil)?\b|\b\d[\d.,]*\s?(?:[€£$¥%]|(?:eur|usd|gbp|chf|k|kg|gb|tb)\b)
          |\b\d{1,3}(?:[.,']\d{3})+\b|\b\d+(?:\.\d+){2,}|\b\d+:\d\d|\b24/7\b|\b(?!(?:19|20)\d\d-(?:19|20)\d\d\b)\d{3,}-\d{3,}\b|\b\d{5,}\b)
      | (?P<hours>(?<=\b(?:in|en|em)\s)(?:24|48|72)\s?(?:h|hs|hrs?|hours?|horas|heures|stunden|uur|ore)(?![a-z]))
      | (?P<mixed>\b\d{1,2}\s?(?:1/2|½)(?=[\s-]?[^\W\d]))
      | (?P<dm>\b\d{1,2}\.\s?\d{1,2}\.(?!\d)|\b\d{1,2}/\d{1,2}(?![\d/])
          |(?:(?<=\b(?:am|ab|wv)\s)|(?<=\b(?:bis|zum|vom)\s)|(?<=vorlage\s))\d{1,2}\.(?:0[1-9]|1[0-2])(?!\s?[\d.%€$]|\s?(?:eur|usd|chf|mio|k\b)))
      | (?P<ordinal>\b\d{1,2}(?:st|nd|rd|th|er|eme|e|de|ste|[ºª°]|\.(?=\s?[a-z]))(?![a-z]))
      | (?P<number>\b\d+(?:[.,]5)?(?=\D|$)
          |(?<=jan|ene|gen|feb|fev|mar|mrt|mrz|apr|avr|abr|may|mai|mei|mag|jun|giu|jul|lug|aug|ago|sep|set|oct|okt|out|ott|nov|dec|dez|dic|une|uly|ary|rch|ril|ust|ber|bre|bro|aio|ier)20[2-4]\d(?!\w))
      | (?P<cash>(?<!\w)[$€£¥]{1,3}(?!\s?\d|\w)))
  | (?=[a-z])(?:
        (?P<follow_up>(?<![a-z])(?:f/u|c/b)(?![a-z]))
      | (?P<week_of>(?<![a-z])(?:w/[cb]|m\.i\.v\.?)(?![a-z]))
      | (?P<weeks>(?<=\d\s)wo(?=[.,;)\s]|$))
      | (?P<through>(?<![a-z])t/m(?![a-z]))
      | (?P<nth_week>(?<![a-z])(?:(?:kw|cw|wk)[\s.]{0,2}|w)\d{1,2}(?![0-9a-z])|(?<![a-z])s(?:[3-9]|[1-5]\d)(?![0-9a-z]))
      | (?P<fy>(?<![a-z])(?:fy|cy|gj|ej)\s?'?(?:20)?\d\d(?:\s?[/-]\s?'?(?:20)?\d\d)?(?!\d))
      | (?P<quarter>(?<![a-z])[qtk]\s?[1-4](?![0-9a-z])|\b[qt][1-4](?='?\d\d\b|fy)|(?<=\beo)q[1-4](?!\w))
      | (?P<half>\b(?:[hs]|hj)[12](?![0-9a-z])|\bh[12](?='?\d\d\b|fy))
      | (?P<version>\bv\d+(?:\.\d+)*)
      | (?P<double_x>\bxx\b))
  | (?P<short_word>eo(?=q[1-4](?!\w))|[^\W\d_]+)
  | (?P<blank>[\[{<]{1,2}\s?(?:[a-z _/]{1,30}|[qh]\d\s?/\s?[qh]\d)\s?[\]}>]{1,2}|\?{2,}|_{2,})
  | (?P<short>'(?!(?<=l')11(?!\d))\d\d(?!\d))
  | (?P<stop>\+/-|[.!?;\n]+|[,:()\[\]/…|+]|(?<!\d)[–—]|[–—](?!\d)|(?<=\s)[-*](?=\s)))
    """,
    re.VERBOSE,
)
_WORDS = frozenset({"word", "short_word"})
_MOST_PARTS = 8192
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Symbols:
    """The symbols of a part of a text, with places counted from its beginning.

    `leans`: what its first word or stop is depends on the word before. `last` is its own last.
    """

    shapes: str
    values: tuple[Any, ...]
    cues: tuple[int, ...]
    any_cue: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    leans: bool
    last: str


@lru_cache(maxsize=1024)
def _tokens_of(part: str) -> tuple[tuple[str, str, int, int], ...]:
    """Words, figures and stops with what they are and where."""
    return tuple([(found.lastgroup or "", found[0], *found.span()) for found in _TOKEN.finditer(part)])


def words_of(part: str) -> list[str]:
    """The words of a part."""
    return [said for group, said, _, _ in _tokens_of(part) if group in _WORDS]


@cache
def symbols_in(language: str) -> Mapping[str, Symbols]:
    """The symbols of any part, each word taken by itself, by the part."""
    return Kept(partial(symbols_of, language=language), most=_MOST_PARTS)


def symbols_of(part: str, language: str, before: str = "") -> Symbols:
    """The symbols of a part; `before` is the word or stop before it."""
    find = word_finder(language)
    persons = _OF_PERSONS[language == "nl"]
    symbols: list[tuple[str, Any, int, int, int]] = []
    leans = False
    tokens = _tokens_of(part)
    for number, (group, said, start, end) in enumerate(tokens):
        if group == "ordinal" and said[-1] == "." and _ends_a_sentence(language, symbols, tokens[number + 1 :]):
            symbols += [("N", int(said[:-1]), 0, start, end - 1), (".", 0, 0, end - 1, end)]
            before = "."
            continue
        if group in _WORDS:
            shape, value, cues = find(said)
            if len(said) == 1 and (unit := _unit_behind(said, tokens[:number], start)):
                shape, value, cues = unit, _MANY, 0
            if cues & PERSON:
                leans |= not number
                if before in persons:
                    cues &= ~CALL  # "our contact"
        elif said == ".":
            leans |= not number
            if before in ABBREVIATIONS and not _ends_with_a_month(before, tokens[number + 1 :]):
                continue
            shape, value, cues = ".", 0, 0
        else:
            shape, value = _FIGURES[group](said)
            cues = _CUES_OF_FIGURES.get(group, 0)
        before = said
        symbols.extend([(symbol, value, cues, start, end) for symbol in shape])
    if not symbols:
        return Symbols("", (), (), 0, (), (), leans, before)
    shapes, values, all_cues, starts, ends = zip(*symbols, strict=True)
    return Symbols("".join(shapes), values, all_cues, reduce(or_, all_cues), starts, ends, leans, before)


def _unit_behind(letter: str, before: Sequence[tuple[str, str, int, int]], start: int) -> str:
    """The unit of "90d" and "2y"; a bare "m", or one apart, only where it is waited for ("in 6m", "em 15 d")."""
    if not before or before[-1][0] != "number" or start - before[-1][3] > (letter != "m"):
        return ""
    if (letter == "m" or before[-1][3] != start) and not (len(before) > 1 and before[-2][1] in _WAITED):
        return ""
    return _UNIT_LETTERS.get(letter, "")


_MANY = 9  # the value of a plural
_UNIT_LETTERS = {"d": "d", "j": "d", "w": "w", "m": "m", "y": "y"}
_BEFORE_A_WAIT = "in for after another nach dans en em over na tra fra noch ss sous unos uns"
_WAITED = frozenset(_BEFORE_A_WAIT.split())


def _ends_a_sentence(
    language: str, said: Sequence[tuple[str, Any, int, int, int]], ahead: Sequence[tuple[str, str, int, int]]
) -> bool:
    """Whether the stop behind a figure ends the sentence: "in week 12. They", but "am 12. Mai"."""
    if said and said[-1][0] in "Mw":
        return True
    if language == "de" or not ahead or ahead[0][0] not in _WORDS:
        return language != "de"
    return word_finder(language)(ahead[0][1]).shape[0] not in "MqhwWj"


def _ends_with_a_month(before: str, ahead: Sequence[tuple[str, str, int, int]]) -> bool:
    """Whether the stop behind a shortened month ends the sentence: "until Nov. They", but "Nov. 3"."""
    goes_on = bool(ahead) and (ahead[0][0] not in _WORDS or ahead[0][1] in _OF)
    return before[:3] in _MONTH_NUMBERS and not goes_on


_OF = frozenset({"de", "del", "of", "di"})


_PERSONAL = """
the my our their his her el la mi su nuestro nuestra meu minha nosso nossa o il mio nostro loro le mon notre leur der
die den unser unsere mein meine
"""
_OF_PERSONS = (frozenset(_PERSONAL.split()), frozenset({"de", "het", "onze", "mijn", "hun"}))


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
    if said in {"/", "+", "+/-"}:
        return "&" if said == "/" else "", 0
    return ("." if said[0] in ".!?\n" else ","), 0


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


_CUES_OF_FIGURES = {
    "money": BLOCK,
    "cash": BUDGET,
    "version": BLOCK,
    "follow_up": CALL,
    "fy": BUDGET,
    "ordinal": IN_FIGURES,
}
_FIGURES = {
    "glued": _glued,
    "iso": lambda said: ("D", (*_numbers(said), "iso")),
    "dmy": _dmy,
    "spaced": lambda said: ("D", (*reversed(_numbers(said)), "iso")),
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
    "week_of": lambda _: ("o", 0),
    "through": lambda _: ("U", 1),
    "weeks": lambda _: ("w", _MANY),
    "nth_week": lambda said: ("wN", _numbers(said)[0]),
    "money": lambda _: ("_", 0),
    "cash": lambda _: ("_", 0),
    "clock": lambda _: ("o", 0),
    "fraction": lambda said: ("N", _numbers(said)[0] / _numbers(said)[1]),
    "mixed": lambda said: ("N", _numbers(said)[0] + 0.5),
    "hours": lambda said: ("Nd", _numbers(said)[0] // 24),
    "dm": _day_month,
    "ordinal": lambda said: ("O", _numbers(said)[0]),
    "short": lambda said: ("Y", 2000 + _numbers(said)[0]),
    "number": _number,
    "blank": lambda _: ("[", 0),
    "code": lambda _: ("_", 0),
    "reference": lambda _: ("_", 0),
    "stop": _stop,
}

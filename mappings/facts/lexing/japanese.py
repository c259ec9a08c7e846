"""Japanese, which writes no spaces: the lexer looks for its words, the longest first, and passes over the rest."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from mappings.facts.lexing.symbols import BUDGET, ENDS

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_WIDE = str.maketrans("０１２３４５６７８９／．－（）［］", "0123456789/.-()[]")
_KANJI = {
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十一": 11,
    "十二": 12,
}
_KANJI_NUMBER = r"(?:十[一二]?|[一二三四五六七八九])"
_FIGURES = rf"""
    (?P<iso>(?:19|20)\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}|(?:19|20)\d\d年(?:の)?\d{{1,2}}月\d{{1,2}}日)
  | (?P<ym>(?<!\d)[2-4]\d年(?:の)?\d{{1,2}}月(?!間)
      |(?:19|20)\d\d(?:年(?:の)?\d{{1,2}}月(?!間)|[-/](?:0?[1-9]|1[0-2])(?!\d)))
  | (?P<fiscal>(?:(?:19|20)\d\d|(?<!\d)\d\d)年度|fy\s?(?:20)?\d\d)
  | (?P<reiwa>令和\s?\d{{1,2}}年)
  | (?P<closing>(?:\d{{1,2}}|{_KANJI_NUMBER})月(?:末|期)?(?:決算|期|締め))
  | (?P<md>\d{{1,2}}月\d{{1,2}}日|(?<!\d)\d{{1,2}}/\d{{1,2}}(?![/\d]))
  | (?P<month>(?:\d{{1,2}}|{_KANJI_NUMBER})月(?!間|曜))
  | (?P<day_of_month>(?<!\d)(?:[12]?\d|3[01])日(?![間後前目以あ]))
  | (?P<week>第\d{{1,2}}週)
  | (?P<quarter>[1-4]q|q[1-4]|第?[1-4一二三四]四半期)
  | (?P<year>(?:19|20)\d\d年?(?!\d))
  | (?P<junk>[¥$€]\s?\d[\d,.]*|\d[\d,.]*\s?(?:円|万|億|%|％|名|人|台|社)|\d{{1,3}}(?:,\d{{3}})+|v\d[\d.]*|\d{{5,}})
  | (?P<number>\d+(?:\.5)?)
  | (?P<stop>[。．！？!?\n;]|[、，,（）()「」:：・\-ー―—])
"""
_DIGITS = re.compile(r"\d+")


def is_japanese(text: str) -> bool:
    """Whether the text holds kana or kanji."""
    return not text.isascii() and _JAPANESE.search(text) is not None


@cache
def _tokens() -> re.Pattern[str]:
    from mappings.facts.lexing.lexicon import japanese_words

    words = sorted(japanese_words(), key=len, reverse=True)
    alternatives = "|".join(map(re.escape, words))
    return re.compile(rf"{_FIGURES} | (?P<word>{alternatives}) | (?P<latin>[a-z]+)", re.VERBOSE)


def lex_japanese(text: str) -> tuple[str, list[Any], list[int], list[int], list[int]]:
    """Shapes, values, cues, starts and ends of the words that are known."""
    from mappings.facts.lexing.lexicon import japanese_words

    words = japanese_words()
    found: list[tuple[str, Any, int, int, int]] = []
    reached = 0
    for match in _tokens().finditer(text.translate(_WIDE)):
        group, said = match.lastgroup or "", match[0]
        if group == "word":
            shape, value, cue = words[said]
        elif group == "latin":
            shape, value, cue = "_", 0, 0
        else:
            shape, value, cue = _figure(group, said)
        start, end = match.span()
        symbols = [(symbol, value, cue, start, end) for symbol in shape]
        if _holds_a_word(text, reached, start):  # one that is not known
            symbols.insert(0, ("_", 0, 0, reached, start))
        found += symbols
        reached = end
    if _holds_a_word(text, reached, len(text)):
        found.append(("_", 0, 0, reached, len(text)))
    if not found:
        return "", [], [], [], []
    shapes, values, cues, starts, ends = zip(*found, strict=True)
    return "".join(shapes), list(values), list(cues), list(starts), list(ends)


def _holds_a_word(text: str, start: int, end: int) -> bool:
    return end - start >= 2 and sum(map(str.isalnum, text[start:end])) >= 2


def _month(said: str) -> int:
    found = _DIGITS.search(said)
    return int(found[0]) if found else _KANJI[said.split("月", maxsplit=1)[0]]


def _figure(group: str, said: str) -> tuple[str, Any, int]:
    numbers = [int(digits) for digits in _DIGITS.findall(said)]
    match group:
        case "iso":
            return "D", (*numbers, "iso"), 0
        case "ym":
            return "L", (numbers[0] if numbers[0] > 99 else 2000 + numbers[0], numbers[1]), 0
        case "fiscal":  # named by the year it starts in, but for FY27
            year = numbers[0] if numbers[0] > 99 else 2000 + numbers[0]
            return "F", year if said.startswith("fy") else year + 1, BUDGET
        case "closing":
            return "Mj", _month(said), BUDGET | ENDS
        case "md":
            return "D", (numbers[0], numbers[1], None, "-"), 0
        case "month":
            return "M", _month(said), 0
        case "day_of_month" | "week":
            return ("dN" if group == "day_of_month" else "wN"), numbers[0], 0
        case "quarter":
            return "Q", numbers[0] if numbers else _KANJI[said.removeprefix("第")[0]], 0
        case "reiwa" | "year":
            return "Y", numbers[0] + (2018 if group == "reiwa" else 0), 0
        case "number":
            return "N", float(said) if "." in said else int(said), 0
        case "stop":
            return ("." if said in "。．！？!?\n;" else ","), 0, 0
        case _:
            return "_", 0, 0

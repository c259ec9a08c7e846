"""Words of a text with their places: folding, splitting into clauses, and nothing about what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import add
from typing import NamedTuple

from mappings.kept import Kept

COMMAS = ",、，"
MONEY = "[$€£]{2,}"  # "too $$$": a word of its own
CJK = "぀-ヿ㐀-鿿々〆ｦ-ﾟ"
_SLASHED = r"(?<![^\W_]['’ʼ]\w/)(?:(?<=\b[nN]/)[aA]\b|(?<=\b[wW]/)[oO]?(?=\s)|(?<=\b[sScCpP]/)(?=\s))"
# Where a clause ends. One set of signs opens it: letters and spaces are passed over fast. "n/a", "w/", "s/" are words.
_BREAK = re.compile(
    r"[.!?。！？\n;；…:/|()\[\]–—•：／（）>+-](?:"
    r"(?P<stop>(?<=[.!?])(?=\s|$|[\"'”’)])|(?<=[。！？\n;；…])|(?<=\.)\.+)"
    rf"|(?<=[:|()\[\]–—•：／（）>+])|(?<=/)(?!{_SLASHED})"
    r"|(?<=\s-)(?:-*\s|(?=\w))|(?<=\w-)(?=\s))"
)
_LETTER = re.compile(rf"[^\W_]|[{CJK}]|{MONEY}")
_WORD = re.compile(
    rf"(?P<cjk>[{CJK}]+)|(?P<word>\b[nN]/[aA]\b|\b[wW]/[oO]?(?!\S)|\b[sScCpP]/(?!\S)|[^\W_{CJK}]+(?:['’ʼ][^\W_{CJK}]+)*|{MONEY}|[{COMMAS}])"
)
# Articles that French and Italian glue to the next word, with the word that is left of them.
_ELIDED = frozenset(
    (
        "l",
        "d",
        "n",
        "qu",
        "j",
        "s",
        "c",
        "m",
        "t",
        "jusqu",
        "lorsqu",
        "puisqu",
        "dell",
        "nell",
        "all",
        "un",
        "sull",
        "dall",
        "quest",
    )
)
_LABEL_LENGTH = 60  # in longer texts a capital inside a word is a name, not an identifier
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][A-Za-z])")  # not the last letter of GmbH, CdA, SaaS
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "ı": "i", "đ": "d", "’": "", "'": "", "ʼ": ""}
)
# Written out by people without umlauts on their keyboard.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

# Too long for a day, a year or a count of months, or behind a "#": what differs by such a figure alone says the same.
_HEEDED = (
    r"(?:9001|20[0-9]{2}|13485|14001|20000|22301|27001|27017|27018|27701|42001|45001|50001|1[28]0)(?![0-9])"  # norms
)
_LONG_FIGURE = re.compile(
    rf"(?<![\w.,'’/:-])(?!{_HEEDED})"
    r"(?:[0-9]{5,}|(?<=#)[0-9]{3,}|[0-9]{1,3}(?:[.,][0-9]{3})+)(?![\w'’-]|[.,/:][0-9])"
)
_MAY_HOLD_ONE = re.compile(r"[0-9#](?:[0-9]{4}|(?<=#)[0-9]{3}|(?<!#)[.,][0-9]{3})")
_SEVENS = str.maketrans(dict.fromkeys("0123456789", "7"))


class Stretch(NamedTuple):
    """Where the words between two breaks stand in a text. `sentence` counts from 0."""

    start: int
    end: int
    sentence: int


_SHORT = {"w/": "with", "w/o": "without", "s/": "sem", "c/": "com", "p/": "para", "ñ": "nao"}


@lru_cache(maxsize=8_192)
def fold(word: str) -> str:
    """The word in small letters without accents, apostrophes and width variants."""
    if word.isascii():
        plain = word.lower().replace("'", "")
        return _SHORT.get(plain, plain)
    lowered = unicodedata.normalize("NFKC", word).lower().translate(_LETTERS)
    if re.search(f"[{CJK}]", lowered):
        return lowered
    if lowered in _SHORT:
        return _SHORT[lowered]
    plain = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def spellings(word: str) -> tuple[str, ...]:
    """How a vocabulary's word may stand in folded text: `rückmeldung` also as `rueckmeldung`, `d'accord` split."""
    is_plain = word.isascii()
    lowered = word.lower() if is_plain else unicodedata.normalize("NFC", word).lower()
    head, mark, tail = lowered.rpartition("'")
    if mark and tail and head.rpartition("_")[2] in _ELIDED:
        lowered = f"{head}_{tail}"
    spread = lowered if is_plain else lowered.translate(_UMLAUTS)
    return (fold(lowered),) if spread == lowered else (fold(lowered), fold(spread))


def folded(text: str) -> str:
    """The text's words, folded, with one space between: what labels are compared by."""
    cuts = is_label(text)
    words = [word for start, end, _ in stretches(text) for word, _ in words_in(text[start:end], cuts_camel=cuts)]
    return " ".join([fold(word) for word in words if word not in COMMAS])


def is_label(text: str) -> bool:
    """Whether a text is so short that a capital inside a word begins another: it may be an identifier."""
    return len(text) <= _LABEL_LENGTH


def _alike(text: str) -> str:
    if _MAY_HOLD_ONE.search(text) is None:
        return text
    return _LONG_FIGURE.sub(lambda found: found[0].translate(_SEVENS), text)


ALIKE = Kept(_alike, most=4_096)
"""By a text, the same with sevens for the digits of sums and references: what is read of it, and where, is the same.

Notes that a machine or a habit wrote differ by a ticket's number or an amount, and are read once.
"""


def has_any(text: str, parts: Iterable[str]) -> bool:
    """Whether any of the parts stands in the text: a quick look before a search for what holds one of them."""
    return any(map(text.__contains__, parts))


def stretches(text: str) -> Iterator[Stretch]:
    """The text cut at sentence ends, slashes, dashes and brackets, as far as it holds words."""
    start = sentence = 0
    for found in _BREAK.finditer(text):
        if _LETTER.search(text, start, found.start()):
            yield Stretch(start, found.start(), sentence)
            start = found.end()
        if found.lastgroup == "stop":
            sentence += 1
    if _LETTER.search(text, start):
        yield Stretch(start, len(text), sentence)


def places_of(stretch: str, written: Sequence[str]) -> list[int]:
    """Where what stands between the spaces of a stretch begins, and where the last of it would be followed by more."""
    letters_before = accumulate(map(len, written), initial=len(stretch) - len(stretch.lstrip()))
    places = list(map(add, letters_before, range(len(written) + 1)))
    if places[-1] == len(stretch.rstrip()) + 1:
        return places
    at, places = 0, []  # some of the spaces are wider than one
    for one in written:
        places.append(at := stretch.index(one, at))
        at += len(one)
    return places


def words_in(stretch: str, cjk_words: re.Pattern[str] | None = None, *, cuts_camel: bool) -> Iterator[tuple[str, int]]:
    """The words and commas of a stretch without breaks, with their places.

    `cjk_words` splits scripts without spaces.
    """
    for found in _WORD.finditer(stretch):
        raw, start = found[0], found.start()
        if found.lastgroup == "cjk":
            yield from _cjk_parts(raw, start, cjk_words)
            continue
        head, mark, tail = raw.replace("’", "'").replace("ʼ", "'").partition("'")
        if mark and head.lower() in _ELIDED and not (head == "t" or tail.lower() in {"t", "s"}):
            yield raw[: len(head)], start
            raw, start = raw[len(head) + 1 :], start + len(head) + 1
        for part in _CAMEL.split(raw) if cuts_camel and raw.isascii() else (raw,):
            yield part, start
            start += len(part)


def _cjk_parts(run: str, start: int, cjk_words: re.Pattern[str] | None) -> Iterator[tuple[str, int]]:
    """Known words of a run without spaces, and what stands between them."""
    at = 0
    for found in cjk_words.finditer(run) if cjk_words is not None else ():
        if found.start() > at:
            yield run[at : found.start()], start + at
        yield found[0], start + found.start()
        at = found.end()
    if at < len(run):
        yield run[at:], start + at

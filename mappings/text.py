"""Words of a text with their places: folding, splitting into clauses, and nothing about what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

CJK = "぀-ヿ㐀-鿿々〆ｦ-ﾟ"
_PIECE = re.compile(
    rf"(?P<cjk>[{CJK}]+)"
    r"|(?P<word>\b[nN]/[aA]\b"
    rf"|[^\W_{CJK}]+(?:['’ʼ][^\W_{CJK}]+)*)"
    r"|(?P<comma>[,、，])"
    r"|(?P<stop>[.!?](?=\s|$|[\"'”’)])|[。！？\n;；]|\.{2,}|…)"
    r"|(?P<part>[:/|()\[\]–—•：／（）・>+]|\s-+\s|(?<=\w)-(?=\s)|(?<=\s)-(?=\w))"
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


class Word(NamedTuple):
    """One word as it stands at `start:end` of the text."""

    raw: str
    start: int
    end: int


class Clause(NamedTuple):
    """Words between two breaks. `sentence` counts from 0; a comma is the index of the word after it."""

    words: tuple[Word, ...]
    sentence: int
    commas: frozenset[int] = frozenset()


@lru_cache(maxsize=8_192)
def fold(word: str) -> str:
    """The word in small letters without accents, apostrophes and width variants."""
    if word.isascii():
        return word.lower().replace("'", "")
    lowered = unicodedata.normalize("NFKC", word).lower().translate(_LETTERS)
    if re.search(f"[{CJK}]", lowered):
        return lowered
    plain = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def spellings(word: str) -> tuple[str, ...]:
    """How a vocabulary's word may stand in folded text: `rückmeldung` also as `rueckmeldung`, `d'accord` as two words."""
    lowered = unicodedata.normalize("NFC", word).lower()
    head, mark, tail = lowered.rpartition("'")
    if mark and tail and head.rpartition("_")[2] in _ELIDED:
        lowered = f"{head}_{tail}"
    spread = lowered.translate(_UMLAUTS)
    return (fold(lowered),) if spread == lowered else (fold(lowered), fold(spread))


def folded(text: str) -> str:
    """The text's words, folded, with one space between: what labels are compared by."""
    return " ".join(fold(word.raw) for clause in clauses(text) for word in clause.words)


def clauses(text: str, cjk_words: re.Pattern[str] | None = None) -> tuple[Clause, ...]:
    """The text cut at sentence ends, slashes, dashes and brackets. `cjk_words` splits scripts without spaces."""
    return tuple(_cut(_PIECE.finditer(text), cjk_words, splits_camel=len(text) <= _LABEL_LENGTH))


def _cut(pieces: Iterable[re.Match[str]], cjk_words: re.Pattern[str] | None, *, splits_camel: bool) -> Iterator[Clause]:
    words: list[Word] = []
    commas: set[int] = set()
    sentence = 0
    for piece in pieces:
        kind = piece.lastgroup
        if kind == "word":
            _add_word(words, piece.group(), piece.start(), splits_camel=splits_camel)
        elif kind == "cjk":
            words.extend(_split_cjk(piece.group(), piece.start(), cjk_words))
        elif kind == "comma":
            commas.add(len(words))
        else:
            if words:
                yield Clause(tuple(words), sentence, frozenset(commas))
                words, commas = [], set()
            if kind == "stop":
                sentence += 1
    if words:
        yield Clause(tuple(words), sentence, frozenset(commas))


def _add_word(words: list[Word], raw: str, start: int, *, splits_camel: bool) -> None:
    if raw.isascii() and "'" not in raw and (raw.islower() or raw.isupper() or raw.istitle()):
        words.append(Word(raw, start, start + len(raw)))
        return
    head, mark, tail = raw.replace("’", "'").replace("ʼ", "'").partition("'")
    if mark and head.lower() in _ELIDED and not (head == "t" or tail.lower() in {"t", "s"}):
        words.append(Word(raw[: len(head)], start, start + len(head)))
        raw, start = raw[len(head) + 1 :], start + len(head) + 1
    for part in _CAMEL.split(raw) if splits_camel and raw.isascii() else (raw,):
        words.append(Word(part, start, start + len(part)))
        start += len(part)


def _split_cjk(run: str, start: int, cjk_words: re.Pattern[str] | None) -> Iterator[Word]:
    """Known words of a run without spaces, and what stands between them."""
    if cjk_words is None:
        yield Word(run, start, start + len(run))
        return
    at = 0
    for found in cjk_words.finditer(run):
        if found.start() > at:
            yield Word(run[at : found.start()], start + at, start + found.start())
        yield Word(found.group(), start + found.start(), start + found.end())
        at = found.end()
    if at < len(run):
        yield Word(run[at:], start + at, start + len(run))

"""Word tables -> for each language, word -> (shape, value, cues); and which language a text is in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import NamedTuple

from mappings.facts.lexing.participles import is_participle, is_preterite
from mappings.facts.lexing.symbols import (
    BACK,
    BOUND,
    CONTRACT,
    CUE_NAMES,
    DONE,
    ENDS,
    EXPIRY,
    HAVE,
    NOTICE,
    ONLY,
    PERSON,
    STARTS,
    TOLD,
    UNLESS,
    WAIT,
)

LANGUAGES = ("en", "de", "fr", "es", "pt", "nl", "it")  # Japanese has no spaces and a lexer of its own
_LETTERS = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿßœæ"
_PLAIN = "aaaaaaceeeeiiiinoooooouuuuyysoa"
FOLD = str.maketrans(_LETTERS + "’‘`´", _PLAIN + "''''")
_ROW = re.compile(r"(\D+?)(\d*)$")


class Word(NamedTuple):
    """What a word is to the grammar."""

    shape: str
    value: int
    cues: int


_LONGEST_STEM = 30
_FUNCTION_WORDS = frozenset({"i", "o", "u", ",", "&"})
_TIMES = frozenset("MSWJEdwmqhyjnZ[")
_NOT_LENT = UNLESS | HAVE | ONLY | PERSON | ENDS | STARTS
_TELLING = WAIT | EXPIRY | BOUND | BACK | NOTICE | CONTRACT
UNKNOWN = Word("_", 0, 0)
Table = dict[str, Word]


def fold(text: str) -> str:
    """Lower case without accents, of the same length, so that places in it are places in the text."""
    lower = text.lower()
    if text.isascii():
        return lower.replace("`", "'")
    if len(lower) != len(text):  # one letter became two, as the Turkish capital I with a dot does
        lower = "".join(letter.lower()[0] for letter in text)
    return lower.translate(FOLD)


class Lexicon(NamedTuple):
    """The words of one language: whole words, and stems by their first letters."""

    words: Table
    stems: Table
    shortest: int


@cache
def word_finder(language: str) -> Callable[[str], Word]:
    """What gives a word of that language, with the cues of every stem it begins with; each is looked up once."""
    words, stems, shortest = lexicon(language)

    @lru_cache(maxsize=8192)
    def find(word: str) -> Word:
        found = words.get(word, UNKNOWN)
        for length in range(min(len(word), _LONGEST_STEM), shortest - 1, -1):
            if stem := stems.get(word[:length]):
                shape = stem if found.shape == "_" else found
                found = Word(shape.shape, shape.value, found.cues | stem.cues)
        if found is UNKNOWN and language == "de" and (spelled := _without_e(word)) != word:
            return find(spelled)
        return _as_story(language, word) if found is UNKNOWN else found

    return find


def _without_e(word: str) -> str:
    """ "Maerz" and "fuer" as they are without their dots."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


@lru_cache(maxsize=8192)
def is_german_digraph(word: str) -> bool:
    """Whether a word is German once "ae", "oe" and "ue" are read as letters with dots, and nothing without."""
    folded = fold(word)
    spelled = _without_e(folded)
    if spelled == folded or _is_known(folded):
        return False
    german = lexicon("de")
    own = tables()["de"]
    return spelled in own or any(
        f"{spelled[:length]}*" in own for length in range(german.shortest, min(len(spelled), _LONGEST_STEM) + 1)
    )


def _as_story(language: str, word: str) -> Word:
    """A word that is in no table may still show by its form that it tells of something done."""
    if is_preterite(language, word):
        return Word("_", 0, TOLD)
    return Word("_", 0, DONE) if is_participle(language, word) else UNKNOWN


def _words(rows: str) -> Iterable[str]:
    return (fold(word) for word in rows.split())


def _read(shapes: Mapping[str, str], cues: Mapping[str, str]) -> Table:
    table: Table = {}
    for key, rows in shapes.items():
        matched = _ROW.match(key)
        shape, value = (matched[1], int(matched[2] or 0)) if matched else (key, 0)
        for word in _words(rows):
            table[word] = Word(shape, value, 0)
    for name, rows in cues.items():
        for word in _words(rows):
            known = table.get(word, UNKNOWN)
            table[word] = known._replace(cues=known.cues | CUE_NAMES[name])
    return table


@cache
def tables() -> Mapping[str, Table]:
    """Every language's own words, stems still marked by their `*`."""
    modules = {language: import_module(f"mappings.facts.words.{language}") for language in LANGUAGES}
    return {language: _read(module.SHAPES, module.CUES) for language, module in modules.items()}


@cache
def japanese_words() -> Table:
    """The words of Japanese."""
    from mappings.facts.words import ja

    return _read(ja.SHAPES, ja.CUES)


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language, and those long words of the others that mean nothing else in it."""
    own = tables()[language]
    merged = {**_borrowed(language), **own}
    stems = {word[:-1]: found for word, found in merged.items() if word.endswith("*")}
    words = {word: found for word, found in merged.items() if not word.endswith("*")}
    for stem, found in stems.items():
        words.setdefault(stem, found)
    return Lexicon(words, stems, min(map(len, stems), default=99))


def _borrowed(language: str) -> Table:
    """A note may quote another language; short words and function words are too often false friends."""
    borrowed: Table = {}
    for other, table in tables().items():
        if other != language:
            for word, found in table.items():
                is_plain = word[-1] != "*" and not found.cues & _NOT_LENT and found.shape not in _FUNCTION_WORDS
                if is_plain and len(word) > 4:
                    borrowed.setdefault(word, found)
    return borrowed


@lru_cache(maxsize=8192)
def is_telling(word: str) -> bool:
    """Whether a word in any language speaks of time, of a contract's end, or of waiting."""
    if not _is_known(word):
        return False
    found = (word_finder(language)(word) for language in LANGUAGES)
    return any(not _TIMES.isdisjoint(known.shape) or known.cues & _TELLING for known in found)


def _is_known(word: str) -> bool:
    """Whether any language knows the word or a stem that it begins with."""
    words, stems = _all_words()
    return word in words or any(word[:length] in stems for length in range(1, min(len(word), _LONGEST_STEM) + 1))


@cache
def _all_words() -> tuple[frozenset[str], frozenset[str]]:
    """The words and the stems of all languages."""
    lexicons = [lexicon(language) for language in LANGUAGES]
    words, stems = ([one.words for one in lexicons], [one.stems for one in lexicons])
    return frozenset().union(*words), frozenset().union(*stems)


@lru_cache(maxsize=8192)
def vote_of(word: str) -> int:
    """One vote in each language that knows the word: ten bits a language, so that a sum counts them all."""
    votes = _votes()
    cast = votes.get(word, 0)
    for length in range(4, min(len(word), _LONGEST_STEM) + 1):
        cast |= votes.get(f"{word[:length]}*", 0)
    return cast


@cache
def _votes() -> dict[str, int]:
    """The votes of every word and every stem, which ends in `*`."""
    votes: dict[str, int] = {}
    for place, language in enumerate(LANGUAGES):
        for word in tables()[language]:
            votes[word] = votes.get(word, 0) | 1 << (10 * place)
    return votes


def language_of(votes: int) -> str:
    """The language that most votes are for, of at most 1023 a language; of equals the first."""
    best, most = "en", 0
    for place, language in enumerate(LANGUAGES):
        if (known := (votes >> (10 * place)) & 1023) > most:
            best, most = language, known
    return best

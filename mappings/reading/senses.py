"""What a word is to the patterns, worked out once a word: vocabularies repeat where texts do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial, reduce
from itertools import chain
from operator import or_
from typing import NamedTuple

from mappings.kept import Kept
from mappings.reading.lexicon import Pattern, shipped_lexicon
from mappings.reading.spelling import may_be_misspelt, slipped
from mappings.reading.vocabulary import Phrase
from mappings.text import COMMAS, fold, words_in

_KNOWN_WORD = 0.6  # a word of the vocabulary that no pattern used counts less than one that was used
_MOST_WORDS, _MOST_MEETINGS = 16_384, 1_024
_PART = 4  # letters that a part of a compound has at least
_LINKS = ("s", "es", "n", "en", "er", "e")
FALSE_FRIENDS = frozenset({"no", "mas", "mais"})  # words that mean something else beside those of one language
_TURN_WIDTH = 4  # "but" keeps what stands before it apart from what follows


class _Columns(NamedTuple):
    """What is asked of each word, in the order in which a clause unpacks it."""

    elements: frozenset[int]
    given: int
    asked: int
    patterns: Mapping[int, tuple[Pattern, ...]]
    alone: tuple[Pattern, ...]
    width: int
    familiar: float | None
    word: str | None
    nexts: Mapping[str | None, tuple[Phrase, ...]]
    joined: Mapping[Phrase, Sense]


class Sense(_Columns):
    """The elements that a word or a phrase belongs to, and the patterns that they are the anchors of.

    `given` are the bits of the elements. `asked` holds the bits of all other elements that the patterns need;
    `patterns` has those that need no more than the bits that are met of them, `alone` those that need none. `width` is
    how many words it counts for where patterns jump over it, `familiar` how much of a word is understood that no
    pattern uses; None for a filler, which does not count. `word` is the folded word where it may be part of a phrase;
    `nexts` are the phrases that may begin with it, by the words that then come second, the longest first; `joined` is
    what it is where one does.

    A sense equals itself alone, which is quick to tell: there is one for all words that mean the same.
    """

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


class ReadWord(NamedTuple):
    """A word or comma at `start` of what stands between two spaces.

    `opening` is its sense at the head of a sentence, where a capital makes no name of it.
    """

    start: int
    length: int
    folded: str
    sense: Sense
    opening: Sense
    is_comma: bool


WordReader = Callable[[str], tuple[ReadWord, ...]]
Mending = Callable[[str], str | None]  # a folded word -> the one it misspells


@cache
def word_reader(*, is_label: bool, mends: Mending | None) -> WordReader:
    """What reads the words that stand between two spaces.

    In a label a capital inside a word begins another, and a compound is read as its two parts. `mends` tells which
    word an unknown one misspells, and is read as; with a capital it may be a name all the same where it only slipped.
    """

    def read(written: str) -> tuple[ReadWord, ...]:
        words = words_in(written, shipped_lexicon().cjk_words, cuts_camel=is_label)
        if is_label:
            words = chain.from_iterable([_cut(word, start) for word, start in words])
        return tuple([_read(word, start, mends=mends) for word, start in words])

    return Kept(read, most=_MOST_WORDS).__getitem__


@lru_cache(maxsize=4_096)
def sense_of(elements: frozenset[int], word: str | None = None) -> Sense:
    """What these elements are to the reader; `word` where it may be part of a phrase."""
    lexicon = shipped_lexicon()
    patterns = [pattern for anchor in elements & lexicon.by_anchor.keys() for pattern in lexicon.by_anchor[anchor]]
    needed = [(lexicon.bits_of(pattern.others), pattern) for pattern in patterns]
    is_filler = lexicon.filler in elements
    return Sense(
        elements=elements,
        given=lexicon.bits_of(elements),
        asked=reduce(or_, [bits for bits, _ in needed], 0),
        patterns=Kept(partial(_patterns_met, tuple(needed)), most=_MOST_MEETINGS),
        alone=tuple([pattern for bits, pattern in needed if not bits]),
        width=_TURN_WIDTH if lexicon.turn in elements else int(not is_filler),
        familiar=None if is_filler else _KNOWN_WORD if elements - lexicon.names else 0.0,
        word=word,
        nexts=_nexts(word) if word is not None else {},
        joined=Kept(lambda phrase: sense_of(elements | phrase.elements), most=_MOST_MEETINGS),
    )


def _patterns_met(needed: Sequence[tuple[int, Pattern]], met: int) -> tuple[Pattern, ...]:
    return tuple([pattern for bits, pattern in needed if bits & met == bits])


def _cut(word: str, start: int) -> Iterable[tuple[str, int]]:
    """A compound that the vocabulary has no word for, cut before the noun that ends it ("Projekt", "abbruch")."""
    lexicon = shipped_lexicon()
    exact = lexicon.vocabulary.exact
    if len(word) < 2 * _PART or not word.isalpha() or fold(word) in exact:
        return [(word, start)]
    for cut in range(_PART, len(word) - _PART + 1):
        if lexicon.compound_head in exact.get(fold(word[cut:]), ()):
            return [(_without_link(word[:cut]), start), (word[cut:], start + cut)]
    return [(word, start)]


def _without_link(part: str) -> str:
    """The first part of a compound without the letters that join it to the second ("Vertrauens" -> "Vertrauen")."""
    exact = shipped_lexicon().vocabulary.exact
    stems = [part.removesuffix(link) for link in ("", *_LINKS)]
    return next((stem for stem in stems if fold(stem) in exact), part)


def _read(word: str, start: int, *, mends: Mending | None) -> ReadWord:
    lexicon = shipped_lexicon()
    vocabulary = lexicon.vocabulary
    folded = fold(word)
    elements = frozenset(vocabulary.accented.get(word.lower(), ())) or vocabulary.elements(folded)
    near = mends(folded) if mends is not None and may_be_misspelt(folded, elements) else None
    if near is not None:
        elements |= vocabulary.elements(near)
    in_phrases = folded if folded in vocabulary.in_phrases or folded in FALSE_FRIENDS else None
    opening = sense = sense_of(elements, in_phrases)
    is_name = not elements or (near is not None and mends is slipped)
    if is_name and word[0].isupper() and len(word) > 1:
        sense = sense_of(elements | lexicon.names, in_phrases)
    return ReadWord(start, len(word), folded, sense, opening, word in COMMAS)


def _nexts(word: str) -> Mapping[str | None, tuple[Phrase, ...]]:
    """The phrases that may begin with a word, by their second words."""
    nexts: dict[str | None, tuple[Phrase, ...]] = {}
    for phrase in shipped_lexicon().vocabulary.phrases.get(word, ()):
        nexts[phrase.rest[0]] = (*nexts.get(phrase.rest[0], ()), phrase)
    return nexts

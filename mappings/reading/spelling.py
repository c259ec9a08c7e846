"""Misspelt words of short labels, brought to the nearest word of the vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

from mappings.reading.lexicon import shipped_lexicon

SHORTEST = 5  # letters; shorter words have too many neighbours
SHORTEST_BESIDE = 7  # beside a bare subject
SHORTEST_SLIP = 8  # where the label says something without the word, which may as well be a name
NEAR = 85  # of 100, by rapidfuzz


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[str, ...]:
    words = shipped_lexicon().vocabulary
    known = {*words.exact, *words.beginnings, *words.phrases}
    return tuple(sorted(word for word in known if len(word) >= SHORTEST and word.isalpha()))


@lru_cache(maxsize=1)
def _by_shape() -> Mapping[tuple[str, int], Sequence[str]]:
    """The vocabulary by first letter and length."""
    shapes: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for word in _vocabulary():
        shapes[word[0], len(word)].append(word)
    return shapes


@lru_cache(maxsize=16_384)
def corrected(word: str) -> str | None:
    """The word of the vocabulary that a folded word stands for; None where none is near.

    It keeps its first letter, and has a letter more or less at most. A name is mostly like no word of its shape; only
    one that is has to be held against the whole vocabulary, which takes two thousandths of a second.
    """
    if len(word) < SHORTEST or not word.isascii():
        return None
    alike = chain.from_iterable([_shaped(word, more) for more in (-1, 0, 1)])
    if _nearest(word, list(alike)) is None:
        return None
    near = _nearest(word, _vocabulary())
    return near if near and near[0] == word[0] and abs(len(near) - len(word)) <= 1 else None


@lru_cache(maxsize=16_384)
def slipped(word: str) -> str | None:
    """The word that a long one stands for but for one slip of the pen: a letter too many or too few, or two that
    changed places. None where it is known, and where a letter is another or the last differs: mostly another word.
    """
    if len(word) < SHORTEST_SLIP or not word.isascii():
        return None
    if not may_be_misspelt(word, shipped_lexicon().vocabulary.elements(word)):
        return None
    alike = chain.from_iterable([_shaped(word, more) for more in (-1, 0, 1)])
    return _nearest(word, [near for near in _one_edit_away(word, list(alike)) if _is_a_slip(word, near)])


@lru_cache(maxsize=16_384)
def one_letter_off(word: str) -> str | None:
    """The word that a word stands for with one letter wrong, too many or too few, or two that changed places. None
    where it is known.
    """
    from rapidfuzz.distance import OSA

    if len(word) < SHORTEST_BESIDE or not may_be_misspelt(word, shipped_lexicon().vocabulary.elements(word)):
        return None
    near = corrected(word)
    return near if near and OSA.distance(word, near) == 1 and near[-1] == word[-1] else None


def _one_edit_away(word: str, known: Sequence[str]) -> list[str]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    return [near for near, *_ in process.extract(word, known, scorer=OSA.distance, score_cutoff=1, limit=None)]


def _is_a_slip(word: str, near: str) -> bool:
    return near[-1] == word[-1] and (len(near) != len(word) or sorted(near) == sorted(word))


def _shaped(word: str, more: int) -> Sequence[str]:
    """The words that begin like this one and have so many letters more."""
    return _by_shape().get((word[0], len(word) + more), ())


def may_be_misspelt(folded: str, elements: frozenset[int]) -> bool:
    """Whether nothing says what a word means: no family has it, at most a pattern's stem that it begins like."""
    lexicon = shipped_lexicon()
    return folded not in lexicon.vocabulary.exact and lexicon.families.keys().isdisjoint(elements)


def _nearest(word: str, known: Sequence[str]) -> str | None:
    from rapidfuzz import fuzz, process

    near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=NEAR)
    return near[0] if near else None

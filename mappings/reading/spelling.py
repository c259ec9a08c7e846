"""Misspelt words of short labels, brought to the nearest word of the vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

from mappings.reading.lexicon import shipped_lexicon

SHORTEST = 5  # letters; shorter words have too many neighbours
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
    shapes = _by_shape()
    alike = chain.from_iterable([shapes.get((word[0], len(word) + more), ()) for more in (-1, 0, 1)])
    if _nearest(word, list(alike)) is None:
        return None
    near = _nearest(word, _vocabulary())
    return near if near and near[0] == word[0] and abs(len(near) - len(word)) <= 1 else None


def _nearest(word: str, known: Sequence[str]) -> str | None:
    from rapidfuzz import fuzz, process

    near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=NEAR)
    return near[0] if near else None

"""What a text's words lean to, sentence by sentence: a table of signs, worked out from our own texts.

`data/leanings.json` holds for each sign how much it speaks for each category (a logistic regression over the texts in
`tests/unit/mappings/written`, made by `python -m tests.corpus.leanings`). A sign is a family's name, a word ("=word")
or a concept that a pattern found ("!went_dark"). In a sentence of many signs each counts less, and the sentences of a
story add up. Pure arithmetic over a readable table.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from math import exp, sqrt
from typing import NamedTuple

from mappings.kept import Kept
from mappings.reading import read_text
from mappings.reading.lexicon import Lexicon, shipped_lexicon
from mappings.taxonomy import Category

_WRITTEN = re.compile(r"\w+")
# One set of signs opens it: letters are passed over fast.
_SENTENCE_END = re.compile(r"[.!?。！？\n](?:(?<=[。！？\n])|(?=\s))")
_HEARD = 1.2  # the weight from which a concept counts as said
_CATEGORIES = tuple(Category)
Texts = tuple[tuple[str, str], ...]  # (CRM field, words)
Pull = tuple[float, ...]  # what something speaks for, in the order of the categories; empty where nothing is known


class Place(NamedTuple):
    """The word that speaks most for a category, at `start:end` of a field's words."""

    field: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Leanings:
    """How much each category has to begin with, and what each sign adds, in the order of the categories."""

    start: Sequence[float]
    by_sign: Mapping[str, Sequence[float]]


@lru_cache(maxsize=1)
def shipped_leanings() -> Leanings:
    """The shipped table; read when first needed."""
    file = resources.files("mappings").joinpath("data", "leanings.json")
    document = json.loads(file.read_text(encoding="utf-8"))
    if document["categories"] != list(_CATEGORIES):
        raise ValueError("leanings.json has other categories than the taxonomy: work it out anew")
    return Leanings(start=document["start"], by_sign=document["signs"])


@lru_cache(maxsize=8_192)
def signs_of(word: str) -> frozenset[str]:
    """The named families of a folded word, and the word itself; fillers and numbers have none."""
    lexicon: Lexicon = shipped_lexicon()
    elements = lexicon.vocabulary.elements(word)
    if lexicon.filler in elements or word[0].isdigit():
        return frozenset()
    return frozenset({f"={word}", *(lexicon.families[element] for element in elements & lexicon.families.keys())})


def sentences_of(text: str) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The folded words of each sentence of a text, and the concepts that it holds."""
    signals, words, starts, _ = read_text(text)
    said = [(start, concept) for concept, _, start, _, weight, kind in signals if weight >= _HEARD and kind == "reason"]
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    if not ends or ends[0] >= len(text):
        return [(words, [concept for _, concept in said])]
    cuts = [0, *[bisect_left(starts, end) for end in ends], len(words)]
    concepts: list[list[str]] = [[] for _ in range(len(ends) + 1)]
    for start, concept in said:
        concepts[bisect_right(ends, start)].append(concept)
    return [(words[first:last], own) for (first, last), own in zip(pairwise(cuts), concepts, strict=True)]


_WORDS = Kept[str, Pull](lambda word: _pull_of(signs_of(word)), most=16_384)
_CONCEPTS = Kept[str, Pull](lambda concept: _pull_of({f"!{concept}"}), most=1_024)


def _pull_of(signs: AbstractSet[str]) -> Pull:
    """What the signs speak for together, and behind it how many of them the table knows."""
    by_sign = shipped_leanings().by_sign
    known = [by_sign[sign] for sign in sorted(signs) if sign in by_sign]
    return (*map(sum, zip(*known, strict=True)), float(len(known))) if known else ()


@lru_cache(maxsize=1_024)  # one note stands beside many reasons
def leaning_of(texts: Texts) -> Mapping[Category, float] | None:
    """The share of each category by the words of these texts; None where the table knows none of them."""
    sums = shipped_leanings().start
    is_heard = False
    pull_of_word, pull_of_concept = _WORDS.__getitem__, _CONCEPTS.__getitem__
    for _, text in texts:
        for words, concepts in sentences_of(text):
            pulls = [*filter(None, map(pull_of_word, words)), *filter(None, map(pull_of_concept, concepts))]
            if pulls:
                is_heard = True
                pulled = list(map(sum, zip(*pulls)))  # noqa: B905 -- all are as long, which costs to look at
                scale = 1 / sqrt(pulled[-1])
                sums = [own + scale * more for own, more in zip(sums, pulled, strict=False)]
    return _shares(sums) if is_heard else None


def _shares(sums: Sequence[float]) -> dict[Category, float]:
    most = max(sums)
    powers = [exp(value - most) for value in sums]
    whole = sum(powers)
    return dict(zip(_CATEGORIES, [power / whole for power in powers], strict=True))


def leading_word(texts: Texts, category: Category) -> Place:
    """The word that speaks most for a category."""
    number = _CATEGORIES.index(category)
    placed = [
        (pull[number] if (pull := _WORDS[word]) else 0.0, field, text, word, start)
        for field, text in texts
        for word, start in zip(read_text(text).words, read_text(text).starts, strict=True)
    ]
    _, field, text, word, start = max(placed, key=lambda row: row[0])
    written = _WRITTEN.match(text, start)
    end = written.end() if written and word.isascii() else start + len(word)
    return Place(field, text[start:end], start, end)

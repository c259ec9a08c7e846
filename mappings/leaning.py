"""What a text's words lean to where no pattern decides: a table of word families, worked out from our own texts.

`data/leanings.toml` holds for each family how much it speaks for each category (a logistic regression over the texts
in `tests/unit/mappings/written`, made by `python -m tests.corpus.leanings`). Pure arithmetic over a readable table.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from mappings.lexicon import Lexicon, shipped_lexicon
from mappings.reading import read_text
from mappings.taxonomy import Category

_WRITTEN = re.compile(r"\w+")
Texts = tuple[tuple[str, str], ...]  # (CRM field, words)


@dataclass(frozen=True, slots=True)
class Leaning:
    """The share of each category, and for the first the word that speaks most for it, at `start:end` of `field`."""

    shares: Mapping[Category, float]
    field: str = ""
    text: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Leanings:
    """How much each category has to begin with, and what each family of words adds."""

    start: Mapping[Category, float]
    by_family: Mapping[str, Mapping[Category, float]]


@lru_cache(maxsize=1)
def shipped_leanings() -> Leanings:
    """The shipped table; read when first needed."""
    file = resources.files("mappings").joinpath("data", "leanings.toml")
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    families = {family: _weights(row) for family, row in document["families"].items()}
    return Leanings(start=_weights(document["start"]), by_family=families)


def _weights(row: Mapping[str, float]) -> dict[Category, float]:
    return {Category(name): float(weight) for name, weight in row.items()}


@lru_cache(maxsize=8_192)
def families_of(word: str) -> frozenset[str]:
    """The named families of a folded word; fillers have none."""
    lexicon: Lexicon = shipped_lexicon()
    elements = lexicon.vocabulary.elements(word)
    if lexicon.filler in elements:
        return frozenset()
    return frozenset(lexicon.families[element] for element in elements if element in lexicon.families)


@lru_cache(maxsize=8_192)
def _word_of(word: str) -> tuple[frozenset[str], Mapping[Category, float]]:
    """A folded word's families that the table knows, and what they speak for together."""
    by_family = shipped_leanings().by_family
    families = [family for family in sorted(families_of(word)) if family in by_family]
    return frozenset(families), _summed([by_family[family] for family in families])


def leaning_of(texts: Texts) -> Leaning | None:
    """Where the words of these texts lean; None where the table knows none of them."""
    placed = [(_word_of(word), field, text, word, start) for field, text in texts for word, start in _words(text)]
    families = sorted(frozenset().union(*[found for (found, _), *_ in placed]))
    if not families:
        return None
    shares = shares_of(families, shipped_leanings())
    first = max(shares, key=lambda category: shares[category])
    pulls = [pull.get(first, 0.0) for (_, pull), *_ in placed]
    _, field, text, word, start = placed[pulls.index(max(pulls))]
    written = _WRITTEN.match(text, start)
    end = written.end() if written and word.isascii() else start + len(word)
    return Leaning(shares, field, text[start:end], start, end)


def _words(text: str) -> Iterable[tuple[str, int]]:
    reading = read_text(text)
    return zip(reading.words, reading.starts, strict=True)


def shares_of(families: Iterable[str], table: Leanings) -> dict[Category, float]:
    """The share of each category for a set of families; all add up to 1."""
    rows = [table.by_family[family] for family in families]
    scale = 1 / math.sqrt(len(rows) or 1)
    summed = _summed(rows)
    sums = {category: begin + scale * summed.get(category, 0.0) for category, begin in table.start.items()}
    most = max(sums.values())
    powers = {category: math.exp(value - most) for category, value in sums.items()}
    whole = sum(powers.values())
    return {category: power / whole for category, power in powers.items()}


def _summed(rows: Iterable[Mapping[Category, float]]) -> dict[Category, float]:
    summed: dict[Category, float] = {}
    for row in rows:
        for category, weight in row.items():
            summed[category] = summed.get(category, 0.0) + weight
    return summed

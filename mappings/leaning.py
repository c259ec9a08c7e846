"""What a text's words lean to where no pattern decides: a table of families and words, worked out from our own texts.

`data/leanings.toml` holds for each family, and for each word that several texts have, how much it speaks for each
category (a logistic regression over the texts in `tests/unit/mappings/written`, made by
`python -m tests.corpus.leanings`). Pure arithmetic over a readable table. A sign is a family's name, or "=word".
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
    """How much each category has to begin with, and what each sign adds."""

    start: Mapping[Category, float]
    by_sign: Mapping[str, Mapping[Category, float]]


@lru_cache(maxsize=1)
def shipped_leanings() -> Leanings:
    """The shipped table; read when first needed."""
    file = resources.files("mappings").joinpath("data", "leanings.toml")
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    families = {family: _weights(row) for family, row in document["families"].items()}
    words = {f"={word}": _weights(row) for word, row in document["words"].items()}
    return Leanings(start=_weights(document["start"]), by_sign=families | words)


def _weights(row: Mapping[str, float]) -> dict[Category, float]:
    return {Category(name): float(weight) for name, weight in row.items()}


@lru_cache(maxsize=8_192)
def signs_of(word: str) -> frozenset[str]:
    """The named families of a folded word, and the word itself; fillers have none."""
    lexicon: Lexicon = shipped_lexicon()
    elements = lexicon.vocabulary.elements(word)
    if lexicon.filler in elements:
        return frozenset()
    return frozenset({f"={word}", *(lexicon.families[element] for element in elements & lexicon.families.keys())})


@lru_cache(maxsize=8_192)
def _word_of(word: str) -> tuple[frozenset[str], Mapping[Category, float]]:
    """A folded word's signs that the table knows, and what they speak for together."""
    by_sign = shipped_leanings().by_sign
    signs = [sign for sign in sorted(signs_of(word)) if sign in by_sign]
    return frozenset(signs), _summed([by_sign[sign] for sign in signs])


def leaning_of(texts: Texts) -> Leaning | None:
    """Where the words of these texts lean; None where the table knows none of them."""
    placed = [(_word_of(word), field, text, word, start) for field, text in texts for word, start in _words(text)]
    signs = sorted(frozenset().union(*[found for (found, _), *_ in placed]))
    if not signs:
        return None
    shares = shares_of(signs, shipped_leanings())
    first = max(shares, key=lambda category: shares[category])
    pulls = [pull.get(first, 0.0) for (_, pull), *_ in placed]
    _, field, text, word, start = placed[pulls.index(max(pulls))]
    written = _WRITTEN.match(text, start)
    end = written.end() if written and word.isascii() else start + len(word)
    return Leaning(shares, field, text[start:end], start, end)


def _words(text: str) -> Iterable[tuple[str, int]]:
    reading = read_text(text)
    return zip(reading.words, reading.starts, strict=True)


def shares_of(signs: Iterable[str], table: Leanings) -> dict[Category, float]:
    """The share of each category for a set of signs; all add up to 1."""
    rows = [table.by_sign[sign] for sign in signs]
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

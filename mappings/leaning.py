"""What a text's words lean to where no pattern decides: a table of families and words, worked out from our own texts.

`data/leanings.toml` holds for each family, and for each word that several texts have, how much it speaks for each
category (a logistic regression over the texts in `tests/unit/mappings/written`, made by
`python -m tests.corpus.leanings`). Pure arithmetic over a readable table. A sign is a family's name, or "=word".
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from mappings.lexicon import Lexicon, shipped_lexicon
from mappings.reading import read_text
from mappings.taxonomy import Category

_WRITTEN = re.compile(r"\w+")
Texts = tuple[tuple[str, str], ...]  # (CRM field, words)
Row = tuple[float, ...]  # one weight for each category, in the order of the table's start


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


@lru_cache(maxsize=1)
def _shipped_rows() -> tuple[Mapping[str, int], Sequence[Row]]:
    """The shipped table as rows in the order of their signs, with the place of each sign."""
    table = shipped_leanings()
    signs = sorted(table.by_sign)
    return {sign: place for place, sign in enumerate(signs)}, [_row(table, sign) for sign in signs]


def _row(table: Leanings, sign: str) -> Row:
    weights = table.by_sign[sign]
    return tuple([weights.get(category, 0.0) for category in table.start])


@lru_cache(maxsize=8_192)
def _word_of(word: str) -> tuple[frozenset[int], Row]:
    """The places of a folded word's signs that the table knows, and what they speak for together."""
    places, rows = _shipped_rows()
    known = sorted([places[sign] for sign in signs_of(word) if sign in places])
    return frozenset(known), _summed([rows[place] for place in known]) or _nothing()


def leaning_of(texts: Texts) -> Leaning | None:
    """Where the words of these texts lean; None where the table knows none of them."""
    readings = [read_text(text) for _, text in texts]
    words = [_word_of(word) for reading in readings for word in reading.words]
    signs = sorted(frozenset().union(*[found for found, _ in words]))
    if not signs:
        return None
    table, (_, rows) = shipped_leanings(), _shipped_rows()
    shares = _shares([rows[place] for place in signs], table.start)
    first = list(shares).index(max(shares, key=lambda category: shares[category]))
    pulls = [pull[first] for _, pull in words]
    return _leaning_at(pulls.index(max(pulls)), texts, shares)


def _leaning_at(place: int, texts: Texts, shares: Mapping[Category, float]) -> Leaning:
    """The leaning, with the word at that place of all words as its evidence."""
    for field, text in texts:
        reading = read_text(text)
        if place < len(reading.words):
            break
        place -= len(reading.words)
    word, start = reading.words[place], reading.starts[place]
    written = _WRITTEN.match(text, start)
    end = written.end() if written and word.isascii() else start + len(word)
    return Leaning(shares, field, text[start:end], start, end)


def shares_of(signs: Iterable[str], table: Leanings) -> dict[Category, float]:
    """The share of each category for a set of signs; all add up to 1."""
    return _shares([_row(table, sign) for sign in signs], table.start)


def _shares(rows: Sequence[Row], start: Mapping[Category, float]) -> dict[Category, float]:
    scale = 1 / math.sqrt(len(rows) or 1)
    sums = [begin + scale * added for begin, added in zip(start.values(), _summed(rows) or _nothing(), strict=True)]
    most = max(sums)
    powers = [math.exp(value - most) for value in sums]
    whole = sum(powers)
    return {category: power / whole for category, power in zip(start, powers, strict=True)}


def _nothing() -> Row:
    return (0.0,) * len(Category)


def _summed(rows: Sequence[Row]) -> Row:
    """Column by column, in the order of the rows."""
    return tuple(map(sum, zip(*rows, strict=True)))

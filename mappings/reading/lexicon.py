"""The vocabulary: word families and the patterns made of them, compiled from `data/words/*.toml`.

A family is a list of words of one meaning in all languages. A pattern is a line of elements:
`word`, `word*`, `*word`, `!wórd` (with its accents only), `a|b`, `<family>`, each optional with `?` behind it; `..`
lets three words stand between its neighbours, `...` seven. Fillers (articles, forms of "to be") may stand anywhere
and do not count. A document of one language adds words to families, patterns to concepts under `[more]`, and under
`[short]` abbreviations, which mean what the word behind them means. Words of the family `known` mean nothing by
themselves: they are no names and no misspellings. Each distinct element has a number: a word is the set of its
elements' numbers, and a pattern is looked for where the rarest of its elements is met and a clause holds the others
too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache, reduce
from importlib import resources
from operator import or_
from typing import Any, NamedTuple

from mappings.reading.vocabulary import Vocabulary
from mappings.text import CJK

GAPS = {"..": 3, "...": 7}
_IS_CJK = re.compile(f"[{CJK}]")
_EVERYWHERE = ("filler", "no", "have", "must", "known", "we_word", "before_word", "once_word", "need_verb", "see")
_COMMON = 100  # how many rare words an article counts for where the rarest element is looked for
_MOST_PATTERNS = 1_000_000
NOES = 0b11  # the bits of `no_before` and `no_after`, which are the first
_IS_FAMILY = re.compile(r"<\w+>")


@dataclass(frozen=True, slots=True)
class Concept:
    """What a pattern finds. `strength`: 1 a bare topic, 2 a statement, 3 one that names its cause."""

    name: str
    kind: str
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Elements by their numbers, with the largest gap before each. `is_negative` means that a "no" is part of it,
    `is_alone` that there is but one element.

    `anchor` is the element that is met least often, `others` are all but it. Hits that are equal otherwise go by the
    `rank` of their patterns: by anchor, and as they are written.
    """

    rule: str
    concept: Concept
    elements: tuple[int, ...]
    gaps: tuple[int, ...]
    anchor: int
    others: frozenset[int]
    is_negative: bool
    is_alone: bool
    opens_with_no: bool
    rank: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything needed to read a text: the patterns stand by their anchors.

    `no_before`, `no_after`, `name`, `filler` and `neutral` are the numbers of elements that the reader itself asks for;
    `compound_head` is that of the nouns that end German and Dutch compounds, `opposing_no` of a "not" that opposes.
    """

    vocabulary: Vocabulary
    concepts: Mapping[str, Concept]
    by_anchor: Mapping[int, tuple[Pattern, ...]]
    cjk_words: re.Pattern[str]
    no_before: int
    no_after: int
    name: int
    filler: int
    neutral: int
    turn: int
    portuguese: int
    spanish: int
    compound_head: int
    opposing_no: int
    turning: frozenset[int] = frozenset()  # the elements that a "but" is
    names: frozenset[int] = frozenset()  # the elements that a name is, alone or as one of several
    families: Mapping[int, str] = field(default_factory=dict)  # those that patterns name, by their elements
    bits: Mapping[int, int] = field(
        default_factory=dict
    )  # one an element that a pattern has beside its anchor, or a no

    @property
    def fillers(self) -> frozenset[int]:
        """The elements of a word that means nothing."""
        return frozenset({self.filler})

    def bits_of(self, elements: Iterable[int]) -> int:
        """The elements as one number: many of them are put together, and looked for, at once."""
        return reduce(or_, [self.bits[element] for element in elements if element in self.bits], 0)


@lru_cache(maxsize=1)
def shipped_lexicon() -> Lexicon:
    """The vocabulary that ships with the product; read when first needed."""
    return compile_lexicon(_shipped_documents())


@lru_cache(maxsize=1)
def shipped_concepts() -> Mapping[str, Concept]:
    """The concepts alone, at a tenth of the cost of the patterns: the names in a document are held against them."""
    return {key: _concept(key, row) for document in _shipped_documents() for key, row in _rows_of(document)}


def _concept(key: str, row: Mapping[str, Any]) -> Concept:
    return Concept(key, row.get("kind", "reason"), float(row.get("strength", 2)))


def _rows_of(document: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    rows: Mapping[str, Mapping[str, Any]] = document.get("concepts", {})
    return rows.items()


@lru_cache(maxsize=1)
def _shipped_documents() -> tuple[Mapping[str, Any], ...]:
    folder = resources.files("mappings").joinpath("data", "words")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple([tomllib.loads(file.read_text(encoding="utf-8")) for file in files])


def compile_lexicon(documents: Iterable[Mapping[str, Any]]) -> Lexicon:
    """The lexicon of parsed documents. Raises ValueError where a pattern names an unknown family."""
    families: dict[str, list[str]] = {
        name: [] for name in ("NAME", "turn", "known", "portuguese", "spanish", "compound_head", "opposing_no")
    }
    rows: dict[str, Mapping[str, Any]] = {}
    more: list[tuple[str, str, str]] = []
    short: dict[str, str] = {}
    for document in documents:
        for name, words in document.get("families", {}).items():
            families.setdefault(name, []).extend(_words_of(words))
        for name, row in _rows_of(document):
            if name in rows:
                raise ValueError(f"concept {name} is defined twice")
            rows[name] = row
        more.extend((concept, document["language"], lines) for concept, lines in document.get("more", {}).items())
        short.update(document.get("short", {}))
    families["NAME"].extend(families.get("vendor", ()))
    # Japanese says "no" after the word, so there it cannot open a pattern.
    families["no_before"] = [word for word in families["no"] if not _IS_CJK.search(word)]
    families["no_after"] = [word for word in families["no"] if _IS_CJK.search(word)]
    return _Builder(families).build(rows, more, short)


def _words_of(words: object) -> list[str]:
    return words.split() if isinstance(words, str) else [word for part in dict(words).values() for word in part.split()]  # type: ignore[call-overload]  # a TOML table or string


class _Alternative(NamedTuple):
    """A word or family that an element may be: where the vocabulary has it, how often it is met, whether it is a no."""

    places: tuple[set[int], ...]
    size: int
    is_no: bool


class _Builder:
    def __init__(self, families: Mapping[str, list[str]]) -> None:
        self.families = families
        self.vocabulary = Vocabulary()
        self.numbers: dict[str, int] = {}
        self.sizes: list[int] = []
        self.negative: set[int] = set()  # the elements of which a word says no
        self.count = 0  # of the patterns so far
        self.common = {word for family in _EVERYWHERE for word in families.get(family, ())}
        self.noes = frozenset(families["no"])
        self.alternative = cache(self._alternative)
        self.places = cache(self.vocabulary.places)

    def build(
        self, rows: Mapping[str, Mapping[str, Any]], more: Iterable[tuple[str, str, str]], short: Mapping[str, str]
    ) -> Lexicon:
        no_before, no_after, name, filler, neutral, turn, portuguese, spanish = (
            self.number(f"<{family}>")
            for family in ("no_before", "no_after", "NAME", "filler", "neutral", "turn", "portuguese", "spanish")
        )
        self.number("<known>")
        compound_head, opposing_no = self.number("<compound_head>"), self.number("<opposing_no>")
        concepts = {key: _concept(key, row) for key, row in rows.items()}
        patterns = [
            pattern for key, row in rows.items() for pattern in self.patterns(concepts[key], key, row["patterns"])
        ]
        for key, language, lines in more:
            if key not in rows:
                raise ValueError(f"unknown concept {key} in the patterns of {language}")
            patterns.extend(self.patterns(concepts[key], f"{key}.{language}", lines))
        for abbreviation, word in short.items():
            self.vocabulary.exact.setdefault(abbreviation, set()).update(self.vocabulary.elements(word))
        self.vocabulary.finish_phrases()
        contrasts = frozenset(pattern.anchor for pattern in patterns if pattern.concept.kind == "contrast")
        self.vocabulary.share_parts({no_before, no_after, filler, neutral, turn, portuguese, spanish, *contrasts})
        self.vocabulary.share_sets()
        others = frozenset().union(*[pattern.others for pattern in patterns]) - {no_before, no_after}
        by_anchor: dict[int, list[Pattern]] = {}
        for pattern in patterns:
            by_anchor.setdefault(pattern.anchor, []).append(pattern)
        return Lexicon(
            vocabulary=self.vocabulary,
            concepts=concepts,
            by_anchor={element: tuple(found) for element, found in by_anchor.items()},
            cjk_words=self.cjk_words(),
            no_before=no_before,
            no_after=no_after,
            name=name,
            filler=filler,
            neutral=neutral,
            turn=turn,
            portuguese=portuguese,
            spanish=spanish,
            compound_head=compound_head,
            opposing_no=opposing_no,
            turning=contrasts | {turn},
            names=frozenset(number for element, number in self.numbers.items() if "<NAME>" in element.split("|")),
            bits={number: 1 << place for place, number in enumerate([no_before, no_after, *sorted(others)])},
            families={number: name[1:-1] for name, number in self.numbers.items() if _IS_FAMILY.fullmatch(name)},
        )

    def cjk_words(self) -> re.Pattern[str]:
        words = [word for word in self.vocabulary.exact if _IS_CJK.search(word)]
        return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)")

    def number(self, element: str) -> int:
        """The number of an element; a new one is put where the vocabulary has its words."""
        if element not in self.numbers:
            self.numbers[element] = number = len(self.numbers)
            either = [self.alternative(part) for part in element.split("|")]
            self.sizes.append(sum([one.size for one in either]))
            if any(one.is_no for one in either):
                self.negative.add(number)
            for one in either:
                for place in one.places:
                    place.add(number)
        return self.numbers[element]

    def _alternative(self, part: str) -> _Alternative:
        if part.startswith("<") and part[1:-1] not in self.families:
            raise ValueError(f"unknown family {part}")
        words = self.families[part[1:-1]] if part.startswith("<") else [part]
        return _Alternative(
            places=tuple([place for word in words for place in self.places(word)]),
            size=sum([_COMMON if word in self.common else 1 for word in words]),
            is_no=not self.noes.isdisjoint(words),
        )

    def patterns(self, concept: Concept, title: str, lines: str) -> Iterator[Pattern]:
        for number, line in enumerate(filter(None, map(str.strip, lines.splitlines())), start=1):
            for elements in _variants(line.split()):
                yield self.pattern(f"{title}.{number}", concept, elements)

    def pattern(self, rule: str, concept: Concept, elements: list[str]) -> Pattern:
        if elements[0] == "<no>" and len(elements) > 1:
            elements = ["<no_before>", *elements[1:]]
        numbers: list[int] = []
        gaps: list[int] = []
        gap = 0
        for element in elements:
            if element in GAPS:
                gap = GAPS[element]
                continue
            numbers.append(self.number(element))
            gaps.append(gap)
            gap = 0
        anchor = min(numbers, key=lambda number: self.sizes[number] or 10_000)  # the one met least often
        self.count += 1
        return Pattern(
            rule=rule,
            concept=concept,
            elements=tuple(numbers),
            gaps=tuple(gaps),
            anchor=anchor,
            others=frozenset(numbers) - {anchor},
            is_negative=not self.negative.isdisjoint(numbers),
            is_alone=len(numbers) == 1,
            opens_with_no=numbers[0] == self.numbers["<no_before>"],
            rank=anchor * _MOST_PATTERNS + self.count,
        )


def _variants(elements: list[str]) -> Iterator[list[str]]:
    """The pattern with and without each optional element."""
    for place, element in enumerate(elements):
        if element.endswith("?"):
            yield from _variants([*elements[:place], element[:-1], *elements[place + 1 :]])
            yield from _variants(elements[:place] + elements[place + 1 :])
            return
    yield elements

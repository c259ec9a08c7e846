"""The vocabulary: word families and the patterns made of them, compiled from `data/words/*.toml`.

A family is a list of words of one meaning in all languages. A pattern is a line of elements:
`word`, `word*`, `*word`, `!wórd` (with its accents only), `a|b`, `<family>`, each optional with `?` behind it; `..`
lets three words stand between its neighbours, `...` seven. Fillers (articles, forms of "to be") may stand anywhere and
do not count. A document of one language adds words to families, and patterns to concepts under `[more]`. Words of the
family `known` mean nothing by themselves: they are no names and no misspellings. Each distinct element is one bit, so that a clause is tested against a pattern by one `&`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from mappings.text import CJK, spellings

GAPS = {"..": 3, "...": 7}
_IS_CJK = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Elements as bit numbers with the largest gap before each. `is_negative` means that a "no" is part of it."""

    rule: str
    concept: str
    bits: tuple[int, ...]
    gaps: tuple[int, ...]
    mask: int
    is_negative: bool


@dataclass(frozen=True, slots=True)
class Concept:
    """What a pattern finds. `strength`: 1 a bare topic, 2 a statement, 3 one that names its cause."""

    name: str
    kind: str
    strength: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """Several words that count as one."""

    rest: tuple[str, ...]
    mask: int


@dataclass(slots=True)
class Vocabulary:
    """Which bits a word carries, by exact word, beginning, end or part."""

    exact: dict[str, int] = field(default_factory=dict)
    beginnings: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    accented: dict[str, int] = field(default_factory=dict)  # `!más`: means this only with its accent

    def add(self, entry: str, bit: int) -> None:
        if entry.startswith("!"):
            self.accented[entry[1:]] = self.accented.get(entry[1:], 0) | 1 << bit
            return
        for spelt in spellings(entry.replace("*", "")):
            words = spelt.split("_")
            if len(words) > 1:
                self.phrases.setdefault(words[0], []).append(Phrase(tuple(words[1:]), 1 << bit))
                continue
            kind = {(False, False): self.exact, (False, True): self.beginnings, (True, False): self.ends}.get(
                (entry.startswith("*"), entry.endswith("*")), self.parts
            )
            kind[spelt] = kind.get(spelt, 0) | 1 << bit

    def merge_phrases(self) -> None:
        """Same words, one phrase; the longest first."""
        for first, phrases in self.phrases.items():
            masks: dict[tuple[str, ...], int] = {}
            for phrase in phrases:
                masks[phrase.rest] = masks.get(phrase.rest, 0) | phrase.mask
            self.phrases[first] = [Phrase(rest, masks[rest]) for rest in sorted(masks, key=len, reverse=True)]

    def mask(self, word: str) -> int:
        """The bits of a folded word."""
        found = self.exact.get(word, 0)
        for length in range(1, min(len(word), 30) + 1):
            found |= self.beginnings.get(word[:length], 0)
            found |= self.ends.get(word[-length:], 0)
        for part, bits in self.parts.items():
            if part in word:
                found |= bits
        return found


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything needed to read a text."""

    vocabulary: Vocabulary
    concepts: Mapping[str, Concept]
    by_anchor: Mapping[int, tuple[Pattern, ...]]
    anchors: int
    cjk_words: re.Pattern[str]
    no_before: int
    no_after: int
    name: int
    filler: int
    neutral: int


@lru_cache(maxsize=1)
def shipped_lexicon() -> Lexicon:
    """The vocabulary that ships with the product; read when first needed."""
    folder = resources.files("mappings").joinpath("data", "words")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return compile_lexicon(tomllib.loads(file.read_text(encoding="utf-8")) for file in files)


def compile_lexicon(documents: Iterable[Mapping[str, Any]]) -> Lexicon:
    """The lexicon of parsed documents. Raises ValueError where a pattern names an unknown family."""
    families: dict[str, list[str]] = {"NAME": [], "known": []}
    rows: dict[str, dict[str, Any]] = {}
    more: list[tuple[str, str, str]] = []
    for document in documents:
        for name, words in document.get("families", {}).items():
            families.setdefault(name, []).extend(_words_of(words))
        for name, row in document.get("concepts", {}).items():
            if name in rows:
                raise ValueError(f"concept {name} is defined twice")
            rows[name] = row
        more.extend((concept, document["language"], lines) for concept, lines in document.get("more", {}).items())
    # Japanese says "no" after the word, so there it cannot open a pattern.
    families["no_before"] = [word for word in families["no"] if not _IS_CJK.search(word)]
    families["no_after"] = [word for word in families["no"] if _IS_CJK.search(word)]
    return _Builder(families).build(rows, more)


def _words_of(words: object) -> list[str]:
    return words.split() if isinstance(words, str) else [word for part in dict(words).values() for word in part.split()]  # type: ignore[call-overload]  # a TOML table or string


class _Builder:
    def __init__(self, families: Mapping[str, list[str]]) -> None:
        self.families = families
        self.vocabulary = Vocabulary()
        self.bits: dict[str, int] = {}
        self.sizes: list[int] = []

    def build(self, rows: Mapping[str, Mapping[str, Any]], more: Iterable[tuple[str, str, str]] = ()) -> Lexicon:
        no_before, no_after, name, filler, neutral = (
            1 << self.bit(element) for element in ("<no_before>", "<no_after>", "<NAME>", "<filler>", "<neutral>")
        )
        self.bit("<known>")
        concepts = {
            key: Concept(key, row.get("kind", "reason"), float(row.get("strength", 2))) for key, row in rows.items()
        }
        patterns = [pattern for key, row in rows.items() for pattern in self.patterns(key, key, row["patterns"])]
        for key, language, lines in more:
            if key not in rows:
                raise ValueError(f"unknown concept {key} in the patterns of {language}")
            patterns.extend(self.patterns(key, f"{key}.{language}", lines))
        self.vocabulary.merge_phrases()
        by_anchor: dict[int, list[Pattern]] = {}
        for pattern in patterns:
            by_anchor.setdefault(self.anchor(pattern), []).append(pattern)
        anchors = sum(1 << bit for bit in by_anchor)
        return Lexicon(
            vocabulary=self.vocabulary,
            concepts=concepts,
            by_anchor={bit: tuple(found) for bit, found in by_anchor.items()},
            anchors=anchors,
            cjk_words=self.cjk_words(),
            no_before=no_before,
            no_after=no_after,
            name=name,
            filler=filler,
            neutral=neutral,
        )

    def cjk_words(self) -> re.Pattern[str]:
        words = [word for word in self.vocabulary.exact if _IS_CJK.search(word)]
        return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)")

    def bit(self, element: str) -> int:
        if element not in self.bits:
            self.bits[element] = len(self.bits)
            words = list(self.expand(element))
            self.sizes.append(len(words))
            for word in words:
                self.vocabulary.add(word, self.bits[element])
        return self.bits[element]

    def expand(self, element: str) -> Iterator[str]:
        for part in element.split("|"):
            if part.startswith("<"):
                if part[1:-1] not in self.families:
                    raise ValueError(f"unknown family {part}")
                yield from self.families[part[1:-1]]
            else:
                yield part

    def patterns(self, concept: str, title: str, lines: str) -> Iterator[Pattern]:
        for number, line in enumerate(filter(None, map(str.strip, lines.splitlines())), start=1):
            for elements in _variants(line.split()):
                yield self.pattern(f"{title}.{number}", concept, elements)

    def pattern(self, rule: str, concept: str, elements: list[str]) -> Pattern:
        nos = set(self.families["no"])
        if elements[0] == "<no>" and len(elements) > 1:
            elements = ["<no_before>", *elements[1:]]
        bits: list[int] = []
        gaps: list[int] = []
        gap = 0
        for element in elements:
            if element in GAPS:
                gap = GAPS[element]
                continue
            bits.append(self.bit(element))
            gaps.append(gap)
            gap = 0
        is_negative = any(nos & set(self.expand(element)) for element in elements if element not in GAPS)
        mask = sum(1 << bit for bit in set(bits))
        return Pattern(rule, concept, tuple(bits), tuple(gaps), mask, is_negative)

    def anchor(self, pattern: Pattern) -> int:
        """The element with the fewest words: it is met least often."""
        return min(pattern.bits, key=lambda bit: self.sizes[bit] or 10_000)


def _variants(elements: list[str]) -> Iterator[list[str]]:
    """The pattern with and without each optional element."""
    for place, element in enumerate(elements):
        if element.endswith("?"):
            yield from _variants([*elements[:place], element[:-1], *elements[place + 1 :]])
            yield from _variants(elements[:place] + elements[place + 1 :])
            return
    yield elements

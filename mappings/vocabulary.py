"""Words of the vocabulary, and the numbers of the elements that each of them belongs to."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache

from mappings.text import CJK, spellings

_IS_CJK = re.compile(f"[{CJK}]")
_LONGEST_STEM = 30
_NEGATIVE = ("未", "不", "非", "無")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Several words that count as one."""

    rest: tuple[str, ...]
    elements: frozenset[int]


@lru_cache(maxsize=65_536)
def _places(entry: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Where an entry of a family belongs: the vocabulary's part, the word, and the words behind it if it has several.

    Remembered, because a word of a family is met again with every pattern that names the family beside another one.
    """
    kind = _KINDS[entry.startswith("*"), entry.endswith("*")]
    found = [re.split("[_-]", spelt) for spelt in spellings(entry.replace("*", ""))]
    return tuple([(kind, first, tuple(rest)) for first, *rest in found])


_KINDS = {(False, False): "exact", (False, True): "beginnings", (True, False): "ends", (True, True): "parts"}


@dataclass(slots=True)
class Vocabulary:
    """Which elements a word belongs to, by exact word, beginning, end or part."""

    exact: dict[str, set[int]] = field(default_factory=dict)
    beginnings: dict[str, set[int]] = field(default_factory=dict)
    ends: dict[str, set[int]] = field(default_factory=dict)
    parts: dict[str, set[int]] = field(default_factory=dict)
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    accented: dict[str, set[int]] = field(default_factory=dict)  # `!más`: means this only with its accent

    def add(self, entry: str, element: int) -> None:
        if entry.startswith("!"):
            self.accented.setdefault(entry[1:], set()).add(element)
            return
        for kind, spelt, rest in _places(entry):
            if rest:
                self.phrases.setdefault(spelt, []).append(Phrase(rest, frozenset({element})))
            else:
                found: dict[str, set[int]] = getattr(self, kind)
                found.setdefault(spelt, set()).add(element)

    def merge_phrases(self) -> None:
        """Same words, one phrase; the longest first."""
        for first, phrases in self.phrases.items():
            merged: dict[tuple[str, ...], frozenset[int]] = {}
            for phrase in phrases:
                merged[phrase.rest] = merged.get(phrase.rest, frozenset()) | phrase.elements
            self.phrases[first] = [Phrase(rest, merged[rest]) for rest in sorted(merged, key=len, reverse=True)]

    def share_parts(self, kept_apart: AbstractSet[int]) -> None:
        """A Japanese compound also means what its parts mean, but for the elements `kept_apart` (grammar)."""
        compounds = [word for word in self.exact if _IS_CJK.search(word) and not word.startswith(_NEGATIVE)]
        halves = [(word, word[:cut], word[cut:]) for word in compounds for cut in range(2, len(word))]
        parts = {part for _, *both in halves for part in both if part in self.exact}
        simple = {part: self.exact[part] - kept_apart for part in parts}
        for word, first, second in halves:
            self.exact[word].update(simple.get(first, ()), simple.get(second, ()))

    def share_sets(self) -> None:
        """Words of the same elements share one set: it is most of what a vocabulary takes. Nothing is added after."""
        shared: dict[frozenset[int], set[int]] = {}
        for kind in (self.exact, self.beginnings, self.ends, self.parts, self.accented):
            for word, elements in kind.items():
                kind[word] = shared.setdefault(frozenset(elements), elements)

    def elements(self, word: str) -> frozenset[int]:
        """The elements of a folded word."""
        found = set(self.exact.get(word, ()))
        for length in range(1, min(len(word), _LONGEST_STEM) + 1):
            found.update(self.beginnings.get(word[:length], ()), self.ends.get(word[-length:], ()))
        for part, elements in self.parts.items():
            if part in word:
                found |= elements
        return frozenset(found)

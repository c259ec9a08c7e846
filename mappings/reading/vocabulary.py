"""Words of the vocabulary, and the numbers of the elements that each of them belongs to."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from mappings.kept import Kept
from mappings.text import CJK, spellings

_IS_CJK = re.compile(f"[{CJK}]")
_PARTED = re.compile("[_-]")
_LONGEST_STEM = 30
_MOST_MET = 16_384
_NEGATIVE = ("未", "不", "非", "無")


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Several words that count as one."""

    rest: tuple[str, ...]
    elements: frozenset[int]


_KINDS = {(False, False): "exact", (False, True): "beginnings", (True, False): "ends", (True, True): "parts"}
_Elements = dict[str, set[int]]


@dataclass(slots=True)
class Vocabulary:
    """Which elements a word belongs to, by exact word, beginning, end or part."""

    exact: _Elements = field(default_factory=dict)
    beginnings: _Elements = field(default_factory=dict)
    ends: _Elements = field(default_factory=dict)
    parts: _Elements = field(default_factory=dict)
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    in_phrases: set[str] = field(default_factory=set)  # the words that phrases begin with or hold
    accented: _Elements = field(default_factory=dict)  # `!más`: means this only with its accent
    _as_written: _Elements = field(default_factory=dict)  # entries with accents, by their own letters
    _several: dict[str, dict[tuple[str, ...], set[int]]] = field(default_factory=dict)  # phrases by their first word
    _met: Kept[str, frozenset[int]] = field(init=False, repr=False)  # the elements of words that texts had

    def __post_init__(self) -> None:
        self._met = Kept(self._look_up, most=_MOST_MET)

    def places(self, entry: str) -> list[set[int]]:
        """Where an entry of a family stands, in each of its spellings: elements put there are the entry's."""
        if entry.isascii() and entry.isalpha():  # most are plain words
            return [self.exact.setdefault(entry.lower(), set())]
        if entry.startswith("!"):
            return [self.accented.setdefault(entry[1:], set())]
        kind: _Elements = getattr(self, _KINDS[entry.startswith("*"), entry.endswith("*")])
        found = []
        for spelt in spellings(entry.replace("*", "")):
            first, *rest = _PARTED.split(spelt)
            if rest:
                found.append(self._several.setdefault(first, {}).setdefault(tuple(rest), set()))
            else:
                found.append(kind.setdefault(first, set()))
        if not entry.isascii() and entry.isalpha():
            found.append(self._as_written.setdefault(entry, set()))
        return found

    def finish_phrases(self) -> None:
        """Phrases by their first words, the longest first; `!más` means what entries do that are written "más", too."""
        for word, own in self.accented.items():
            own.update(self._as_written.get(word, ()))
        for first, several in self._several.items():
            longest_first = sorted(several, key=len, reverse=True)
            self.in_phrases.update((first,), *several)
            self.phrases[first] = [Phrase(rest, frozenset(several[rest])) for rest in longest_first]

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
        self.forget_words()
        shared: dict[frozenset[int], set[int]] = {}
        for kind in (self.exact, self.beginnings, self.ends, self.parts, self.accented):
            for word, elements in kind.items():
                kind[word] = shared.setdefault(frozenset(elements), elements)

    def forget_words(self) -> None:
        """After a change of the tables: what was looked up in them before is looked up anew."""
        self._met.clear()

    def elements(self, word: str) -> frozenset[int]:
        """The elements of a folded word."""
        return self._met[word]

    def _look_up(self, word: str) -> frozenset[int]:
        found = set(self.exact.get(word, ()))
        for length in range(1, min(len(word), _LONGEST_STEM) + 1):
            found.update(self.beginnings.get(word[:length], ()), self.ends.get(word[-length:], ()))
        for part, elements in self.parts.items():
            if part in word:
                found |= elements
        return frozenset(found)

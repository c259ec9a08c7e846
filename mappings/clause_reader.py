"""Finding concepts in one clause: patterns placed on words, the largest kept, what is denied weakened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import accumulate
from operator import attrgetter, or_
from typing import NamedTuple

from mappings.lexicon import Lexicon, Pattern, shipped_lexicon
from mappings.senses import ReadWord, WordReader, patterns_met, sense_of
from mappings.vocabulary import Phrase

_REACH, _NO_REACH = 4, 2  # words over which a denial or a hedge works, and over which a "no" does
STATEMENT = 2  # the strength from which a hit says something, rather than names a subject
_KNOWN_WORD = 0.6  # a word of the vocabulary that no pattern used counts less than one that was used
_COMMA_WIDTH = 2  # words that a comma counts for
_SKIP_COST = 0.06  # what each word that a pattern jumps over takes from its weight


@dataclass(slots=True)
class Hit:
    """A pattern's place in one clause: token numbers from `first` to `last`, and which tokens it used."""

    pattern: Pattern
    first: int
    last: int
    used: frozenset[int]
    weight: float
    kind: str


class Signal(NamedTuple):
    """One concept found at `start:end`. `weight` is its strength after negation, contrast and hedges."""

    concept: str
    rule: str
    start: int
    end: int
    weight: float
    kind: str = "reason"


class ClauseReading(NamedTuple):
    """What one clause says, with places counted from its beginning.

    `counted` is the number of words that are no fillers, `known` how many of them were understood.
    """

    signals: tuple[Signal, ...]
    folded: tuple[str, ...]
    starts: tuple[int, ...]
    known: float
    counted: int


@lru_cache(maxsize=4_096)
def read_clause(stretch: str, words_of: WordReader, opens_sentence: bool) -> ClauseReading:
    """The concepts of a stretch of text without breaks; equal ones are read once, since people repeat themselves."""
    reader = _ClauseReader(shipped_lexicon(), stretch, words_of, opens_sentence=opens_sentence)
    hits = reader.hits()
    signals = tuple([reader.signal(hit) for hit in hits])
    return ClauseReading(signals, reader.folded, tuple(reader.starts), reader.known, reader.counted)


class _ClauseReader:
    """Finds the concepts of one clause."""

    def __init__(self, lexicon: Lexicon, stretch: str, words_of: WordReader, *, opens_sentence: bool) -> None:
        words: list[ReadWord] = []
        starts: list[int] = []
        commas: set[int] = set()
        at = 0
        for written in stretch.split():
            at = stretch.index(written, at)
            for word in words_of(written):
                if word.is_comma:
                    commas.add(len(words))
                else:
                    words.append(word)
                    starts.append(at + word.start)
            at += len(written)
        self.lexicon = lexicon
        self.words = words
        self.starts = starts
        self.commas = commas  # indexes of the words after them
        self.phrases: dict[int, tuple[int, frozenset[int]]] = {}  # first word -> last word, and the phrase's elements
        self.folded = tuple([word.folded for word in words])
        self.senses = [word.sense for word in words]
        if opens_sentence:
            self.senses[0] = words[0].opening
        if "no" in self.folded:
            self._read_as_filler("no", beside=lexicon.portuguese)  # "in the"
        if "mas" in self.folded:
            self._read_as_filler("mas", beside=lexicon.spanish)  # "más" without its accent
        self._join_phrases()
        self.elements = [sense.elements for sense in self.senses]  # of each word
        self.noes = [place for place, sense in enumerate(self.senses) if sense.is_no_before]
        self.noes_after = [place for place, sense in enumerate(self.senses) if sense.is_no_after]
        self.ahead = self._count_fillers()
        self.counted = len(words) - sum([sense.is_filler for sense in self.senses])
        self.known = 0.0

    def _read_as_filler(self, folded: str, *, beside: int) -> None:
        """A word means nothing beside words that only one language has."""
        if any(beside in sense.elements for sense in self.senses):
            for place, word in enumerate(self.folded):
                if word == folded:
                    self.senses[place] = sense_of(frozenset({self.lexicon.filler}), self.senses[place].phrases)

    def _join_phrases(self) -> None:
        for place in [place for place, sense in enumerate(self.senses[:-1]) if sense.nexts]:
            for phrase in self.senses[place].nexts.get(self.folded[place + 1], ()):
                last = place + len(phrase.rest)
                if self.folded[place + 1 : last + 1] == phrase.rest:
                    self._join(place, last, phrase)
                    break

    def _join(self, place: int, last: int, phrase: Phrase) -> None:
        """A phrase adds its meaning to its first word; "not only" takes away that of its words."""
        if self.lexicon.neutral in phrase.elements:
            for inner in range(place, last + 1):
                self.senses[inner] = sense_of(frozenset({self.lexicon.filler}), self.senses[inner].phrases)
        else:
            self.senses[place] = sense_of(self.senses[place].elements | phrase.elements)
            self.phrases[place] = (last, phrase.elements)

    def _count_fillers(self) -> list[int]:
        """How many words that count stand before each place; a comma counts as two, a "but" as more."""
        widths = [sense.width for sense in self.senses]
        for comma in self.commas:
            if comma < len(widths):
                widths[comma] += _COMMA_WIDTH
        return list(accumulate(widths, initial=0))

    def hits(self) -> list[Hit]:
        """What the clause says, in the order of its words."""
        hits = self._keep_largest(self._hits())
        if any(hit.kind == "reason" for hit in hits):
            self._deny(hits)
        self.known = self._known(frozenset().union(*[hit.used for hit in hits]))
        return sorted([hit for hit in hits if hit.weight > 0], key=_FIRST)

    def signal(self, hit: Hit) -> Signal:
        """A hit by its place in the stretch."""
        concept = hit.pattern.concept
        end = self.starts[hit.last] + self.words[hit.last].length
        return Signal(concept.name, hit.pattern.rule, self.starts[hit.first], end, round(hit.weight, 3), hit.kind)

    def _known(self, covered: frozenset[int]) -> float:
        """How many of the words that count were understood."""
        known = 0.0
        for place, sense in enumerate(self.senses):
            if not sense.is_filler:
                if place in covered:
                    known += 1.0
                elif sense.is_known:
                    known += _KNOWN_WORD
        return known

    def _hits(self) -> list[Hit]:
        """The patterns that fall on the words, looked for at the words that carry their anchors."""
        present = reduce(or_, [sense.given for sense in self.senses], 0)
        found: dict[int, tuple[Pattern, int]] = {}  # by rank; the last place counts
        for place, sense in enumerate(self.senses):
            for pattern in sense.alone:
                found[pattern.rank] = pattern, place
            if met := sense.asked & present:
                for pattern in patterns_met(sense, met):
                    found[pattern.rank] = pattern, place
        hits: list[Hit] = []
        for _, (pattern, place) in sorted(found.items()):
            is_one = len(pattern.elements) == 1
            if used := self._words_at(place, pattern.anchor) if is_one else self._place(pattern):
                first, last = used[0], used[-1]
                weight = pattern.concept.strength
                if (skipped := self.ahead[last + 1] - self.ahead[first] - len(used)) > 0:
                    weight *= max(0.5, 1 - _SKIP_COST * skipped)
                hits.append(Hit(pattern, first, last, frozenset(used), weight, pattern.concept.kind))
        return hits

    def _place(self, pattern: Pattern) -> tuple[int, ...]:
        """The words that a pattern of several elements falls on, the last that fit: they stand closest together."""
        element = pattern.elements[0]
        for start in range(len(self.elements) - 1, -1, -1):
            if element not in self.elements[start]:
                continue
            if used := self._follow(pattern, 1, self._words_at(start, element)):
                return used
        return ()

    def _follow(self, pattern: Pattern, number: int, used: tuple[int, ...]) -> tuple[int, ...]:
        """The words used, with those that the elements from `number` on fall on; none where they do not follow."""
        element, ahead = pattern.elements[number], self.ahead
        after = used[-1] + 1
        reach = ahead[after] + pattern.gaps[number] - _COMMA_WIDTH * (after in self.commas)
        for place in range(after, len(self.elements)):
            if ahead[place] > reach:
                return ()
            if element in self.elements[place]:
                found = used + self._words_at(place, element)
                if number + 1 == len(pattern.elements) or (found := self._follow(pattern, number + 1, found)):
                    return found
        return ()

    def _words_at(self, place: int, element: int) -> tuple[int, ...]:
        """The words that stand for an element: one, or those of a phrase."""
        if place in self.phrases:
            last, elements = self.phrases[place]
            if element in elements:
                return tuple(range(place, last + 1))
        return (place,)

    def _keep_largest(self, hits: list[Hit]) -> list[Hit]:
        """Of hits on the same words the one that uses more of them: the specific beats the bare topic."""
        if len(hits) < 2:
            return hits
        hits.sort(key=lambda hit: (-len(hit.used), -hit.weight, hit.last - hit.first))
        kept: list[Hit] = []
        for hit in hits:
            used = hit.used
            for other in kept:
                if used <= other.used and _competes(hit, other):
                    break
            else:
                kept.append(hit)
        return self._one_subject_a_no(kept)

    def _one_subject_a_no(self, hits: list[Hit]) -> list[Hit]:
        """Of hits that share their "no", the nearest: "no budget at the moment" refuses the budget."""
        pairs = [hit for hit in hits if len(hit.used) == 2 and hit.first in self.noes] if self.noes else []
        if not pairs:
            return hits
        paired = {id(hit) for hit in pairs}
        nearest: dict[int, int] = {}
        for hit in pairs:
            nearest[hit.first] = min(hit.last, nearest.get(hit.first, hit.last))
        return [hit for hit in hits if id(hit) not in paired or hit.last == nearest[hit.first] or hit.kind != "reason"]

    def _deny(self, hits: list[Hit]) -> None:
        """Weakens what is denied ("price was not the issue") or negated ("did not choose a competitor")."""
        kinds = {hit.kind for hit in hits}
        if kinds == {"reason"} and not self.noes and not self.noes_after:
            return
        denials = [hit for hit in hits if hit.kind.startswith("denies") and not self._is_reason(hit, hits)]
        hedges = [hit for hit in hits if hit.kind == "hedge"]
        turns = [hit.first for hit in hits if hit.kind == "contrast"]
        for hit in hits:
            if hit.kind != "reason" or hit.weight < 1:
                continue
            is_statement = hit.weight >= STATEMENT and not hit.pattern.is_negative
            if any(self._denies(denial, hit, turns) for denial in denials) or (
                is_statement and self._is_negated(hit, denials)
            ):
                hit.weight = 0
            elif any(hedge.last < hit.first and hit.first - hedge.last <= _REACH for hedge in hedges):
                hit.weight *= 0.7
            if "cause" in kinds:
                hit.weight *= 1.4
            if "our_side" in kinds and hit.pattern.concept.name != "bad_experience":
                hit.weight *= 0.6

    def _is_reason(self, denial: Hit, hits: list[Hit]) -> bool:
        """Whether a denial is all there is ("no reason"), or a reason has its words and more ("no such problem")."""
        is_part = any(hit.kind == "reason" and denial.used < hit.used for hit in hits)
        return is_part or len(denial.used) == len(self.senses)

    def _is_negated(self, hit: Hit, denials: list[Hit]) -> bool:
        taken = frozenset().union(*[denial.used for denial in denials])
        for place in self.noes:
            is_inside = hit.first < place < hit.last and place not in hit.used
            is_before = place < hit.first and self._is_near(place, hit.first)
            if (is_inside or is_before) and place not in taken:
                return True
        return any(hit.last < place <= hit.last + 3 for place in self.noes_after)

    def _is_near(self, place: int, first: int) -> bool:
        """Whether a "no" at `place` reaches the words from `first` on: few words between, and no comma."""
        if any(place < comma <= first for comma in self.commas):
            return False
        return self.ahead[first] - self.ahead[place + 1] <= _NO_REACH

    def _denies(self, denial: Hit, hit: Hit, turns: list[int]) -> bool:
        if hit.used & denial.used:
            return hit.pattern.is_negative  # the "no" is the denial's
        low, high = sorted((hit.first, denial.first))
        if any(low < turn < high for turn in turns) or any(low < comma <= high for comma in self.commas):
            return False
        if denial.kind == "denies_before":
            return hit.last < denial.first and denial.first - hit.last <= _REACH
        return hit.first > denial.last and hit.first - denial.last <= _REACH


_FIRST = attrgetter("first")


def _competes(hit: Hit, other: Hit) -> bool:
    """Two hits are about the same thing only where both are reasons, or both are of one kind."""
    return hit.kind == other.kind or (hit.kind == "reason" and other.kind.startswith("denies") and hit.weight < 2)

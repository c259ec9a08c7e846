"""Finding concepts in one clause: patterns placed on words, the largest kept, what is denied weakened."""

from __future__ import annotations

from functools import lru_cache, reduce
from itertools import accumulate, chain
from operator import attrgetter, or_
from typing import NamedTuple

from mappings.reading.lexicon import Lexicon, Pattern, shipped_lexicon
from mappings.reading.senses import ReadWord, WordReader, sense_of
from mappings.reading.signals import thousandths
from mappings.reading.vocabulary import Phrase
from mappings.text import COMMAS, places_of
from mappings.values import value_type

_REACH, _NO_REACH = 4, 2  # words over which a denial or a hedge works, and over which a "no" does
STATEMENT = 2  # the strength from which a hit says something, rather than names a subject
_COMMA_WIDTH = 2  # words that a comma counts for
_OTHER_COMMAS = frozenset(COMMAS) - {","}
_FALSE_FRIENDS = frozenset({"no", "mas", "mais"})
_SKIP_COST = 0.06  # what each word that a pattern jumps over takes from its weight


@value_type(slots=True)
class Hit:
    """A pattern's place in one clause: word numbers from `first` to `last`, and a bit for each word that it used."""

    pattern: Pattern
    first: int
    last: int
    used: int
    weight: float
    kind: str


class ClauseReading(NamedTuple):
    """What one clause says, with places counted from its beginning; the signals' fields are those of `Signal`.

    `counted` is the number of words that are no fillers, `known` how many of them were understood.
    """

    signals: tuple[tuple[str, str, int, int, float, str], ...]
    folded: tuple[str, ...]
    starts: tuple[int, ...]
    known: float
    counted: int


@lru_cache(maxsize=4_096)
def read_clause(stretch: str, words_of: WordReader, opens_sentence: bool) -> ClauseReading:
    """The concepts of a stretch of text without breaks; equal ones are read once, since people repeat themselves."""
    return _ClauseReader(shipped_lexicon(), stretch, words_of, opens_sentence=opens_sentence).reading()


class _ClauseReader:
    """Finds the concepts of one clause."""

    def __init__(self, lexicon: Lexicon, stretch: str, words_of: WordReader, *, opens_sentence: bool) -> None:
        written = stretch.split()
        read = list(map(words_of, written))
        self.lexicon = lexicon
        self.words = list(chain.from_iterable(read))
        places = places_of(stretch, written)
        self.starts = [at + word.start for at, words in zip(places, read, strict=False) for word in words]
        self.commas: set[int] = set()  # indexes of the words after them
        if "," in stretch or not (stretch.isascii() or _OTHER_COMMAS.isdisjoint(stretch)):
            self._set_commas_apart()
        self.phrases: dict[int, tuple[int, frozenset[int]]] = {}  # first word -> last word, and the phrase's elements
        self.folded = tuple([word.folded for word in self.words])
        self.senses = [word.sense for word in self.words]
        if opens_sentence:
            self.senses[0] = self.words[0].opening
        if not _FALSE_FRIENDS.isdisjoint(self.folded):
            self._read_by_neighbours()
        self._join_phrases()
        self.elements = [sense.elements for sense in self.senses]  # of each word
        self.present = reduce(or_, [sense.given for sense in self.senses], 0)
        has_no = self.present & (lexicon.bits[lexicon.no_before] | lexicon.bits[lexicon.no_after])
        self.noes = [place for place, sense in enumerate(self.senses) if sense.is_no_before] if has_no else []
        self.noes_after = [place for place, sense in enumerate(self.senses) if sense.is_no_after] if has_no else []
        self.may_negate = bool(self.noes or self.noes_after)
        self.ahead = self._count_fillers()

    def reading(self) -> ClauseReading:
        """What the clause says."""
        hits = self.hits()
        signals = tuple([self._signal(hit) for hit in hits if hit.weight > 0])
        covered = reduce(or_, [hit.used for hit in hits], 0)
        understood = [
            1.0 if covered >> place & 1 else sense.familiar
            for place, sense in enumerate(self.senses)
            if not sense.is_filler
        ]
        return ClauseReading(signals, self.folded, tuple(self.starts), sum(understood), len(understood))

    def _set_commas_apart(self) -> None:
        words: list[ReadWord] = []
        starts: list[int] = []
        for word, start in zip(self.words, self.starts, strict=True):
            if word.is_comma:
                self.commas.add(len(words))
            else:
                words.append(word)
                starts.append(start)
        self.words, self.starts = words, starts

    def _read_by_neighbours(self) -> None:
        """Beside words of one language "no" is "in the", "mas" is "más", and "mais" is "more", not the French "but"."""
        lexicon, present = self.lexicon, frozenset().union(*[sense.elements for sense in self.senses])
        for place, (folded, sense) in enumerate(zip(self.folded, self.senses, strict=True)):
            if (folded == "no" and lexicon.portuguese in present) or (folded == "mas" and lexicon.spanish in present):
                self.senses[place] = sense_of(frozenset({lexicon.filler}), sense.phrases)
            elif folded == "mais" and lexicon.portuguese in present:
                self.senses[place] = sense_of(sense.elements - lexicon.turning, sense.phrases)

    def _join_phrases(self) -> None:
        seconds = enumerate(zip(self.senses, self.folded[1:], strict=False))
        for place in [place for place, (sense, second) in seconds if second in sense.nexts]:
            for phrase in self.senses[place].nexts[self.folded[place + 1]]:
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
        """What the clause says, in the order of its words; what is denied weighs nothing."""
        hits = self._keep_largest(self._hits())
        self._deny(hits)
        hits.sort(key=attrgetter("first"))
        return hits

    def _signal(self, hit: Hit) -> tuple[str, str, int, int, float, str]:
        """A hit by its place in the stretch."""
        concept = hit.pattern.concept
        end = self.starts[hit.last] + self.words[hit.last].length
        return (concept.name, hit.pattern.rule, self.starts[hit.first], end, thousandths(hit.weight), hit.kind)

    def _hits(self) -> list[Hit]:
        """The patterns that fall on the words, looked for at the words that carry their anchors."""
        present, ahead = self.present, self.ahead
        found: dict[int, tuple[Pattern, int]] = {}  # by rank; the last place counts
        for place, sense in enumerate(self.senses):
            if sense.is_anchor:
                for pattern in sense.patterns[sense.asked & present]:
                    found[pattern.rank] = pattern, place
        hits: list[Hit] = []
        for _, (pattern, place) in sorted(found.items()):
            is_one = len(pattern.elements) == 1
            used = self._words_at(place, pattern.anchor) if is_one else self._place(pattern, place)
            if used and not (self.commas and self._leaves_its_no(pattern, used)):
                first, after = (used & -used).bit_length() - 1, used.bit_length()
                weight = pattern.concept.strength
                if (skipped := ahead[after] - ahead[first] - used.bit_count()) > 0:
                    weight *= max(0.5, 1 - _SKIP_COST * skipped)
                hits.append(Hit(pattern, first, after - 1, used, weight, pattern.concept.kind))
        return hits

    def _leaves_its_no(self, pattern: Pattern, used: int) -> bool:
        """Whether a comma parts a "no" from what it would refuse: "not interested now, follow up in May"."""
        no, rest = used & -used, used & (used - 1)
        is_no = pattern.elements[0] == self.lexicon.no_before
        return is_no and any(no << 1 < 1 << comma <= rest & -rest for comma in self.commas)

    def _place(self, pattern: Pattern, anchored: int) -> int:
        """The words that a pattern of several elements falls on, the last that fit: they stand closest together.

        `anchored` is the last word that carries its anchor, behind which it cannot begin.
        """
        element, elements = pattern.elements[0], self.elements
        for start in range(anchored, -1, -1):
            if element in elements[start] and (used := self._follow(pattern, 1, self._words_at(start, element))):
                return used
        return 0

    def _follow(self, pattern: Pattern, number: int, used: int) -> int:
        """The words used, with those that the elements from `number` on fall on; none where they do not follow."""
        element, ahead, elements = pattern.elements[number], self.ahead, self.elements
        after = used.bit_length()
        reach = ahead[after] + pattern.gaps[number] - _COMMA_WIDTH * (after in self.commas)
        for place in range(after, len(elements)):
            if ahead[place] > reach:
                return 0
            if element in elements[place]:
                found = used | self._words_at(place, element)
                if number + 1 == len(pattern.elements) or (found := self._follow(pattern, number + 1, found)):
                    return found
        return 0

    def _words_at(self, place: int, element: int) -> int:
        """The words that stand for an element: one, or those of a phrase."""
        if place in self.phrases:
            last, elements = self.phrases[place]
            if element in elements:
                return (2 << last) - (1 << place)
        return 1 << place

    def _keep_largest(self, hits: list[Hit]) -> list[Hit]:
        """Of hits on the same words the one that uses more of them: the specific beats the bare topic."""
        if len(hits) < 2:
            return hits
        hits.sort(key=_size)
        kept: list[Hit] = []
        for hit in hits:
            used = hit.used
            for other in kept:
                if used | other.used == other.used and _competes(hit, other):
                    break
            else:
                kept.append(hit)
        return self._one_subject_a_no(kept) if self.noes else kept

    def _one_subject_a_no(self, hits: list[Hit]) -> list[Hit]:
        """Of hits that share their "no", the nearest: "no budget at the moment" refuses the budget."""
        pairs = [hit for hit in hits if hit.used.bit_count() == 2 and hit.first in self.noes]
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
        if "reason" not in kinds or (len(kinds) == 1 and not self.may_negate):
            return
        denials = [hit for hit in hits if hit.kind.startswith("denies") and not self._is_reason(hit, hits)]
        hedges = [hit for hit in hits if hit.kind == "hedge"]
        turns = [hit.first for hit in hits if hit.kind == "contrast"]
        for hit in hits:
            if hit.kind != "reason" or hit.weight < 1:
                continue
            is_statement = hit.weight >= STATEMENT and not hit.pattern.is_negative
            if (denials and any(self._denies(denial, hit, turns) for denial in denials)) or (
                is_statement and self.may_negate and self._is_negated(hit, denials)
            ):
                hit.weight = 0
            elif hedges and any(hedge.last < hit.first and hit.first - hedge.last <= _REACH for hedge in hedges):
                hit.weight *= 0.7
            if "cause" in kinds:
                hit.weight *= 1.4
            if "our_side" in kinds and hit.pattern.concept.name != "bad_experience":
                hit.weight *= 0.6

    def _is_reason(self, denial: Hit, hits: list[Hit]) -> bool:
        """Whether a denial is all there is ("no reason"), or a reason has its words and more ("no such problem")."""
        is_part = any(hit.kind == "reason" and denial.used | hit.used == hit.used != denial.used for hit in hits)
        return is_part or denial.used.bit_count() == len(self.senses)

    def _is_negated(self, hit: Hit, denials: list[Hit]) -> bool:
        taken = reduce(or_, [denial.used for denial in denials], 0)
        for place in self.noes:
            is_inside = hit.first < place < hit.last and not hit.used >> place & 1
            is_before = place < hit.first and self._is_near(place, hit.first)
            if (is_inside or is_before) and not taken >> place & 1:
                return True
        return any(hit.last < place <= hit.last + 3 for place in self.noes_after)

    def _is_near(self, place: int, first: int) -> bool:
        """Whether a "no" at `place` reaches the words from `first` on: few words between, and no comma."""
        is_parted = any(place < comma <= first for comma in self.commas)
        return not is_parted and self.ahead[first] - self.ahead[place + 1] <= _NO_REACH

    def _denies(self, denial: Hit, hit: Hit, turns: list[int]) -> bool:
        if hit.used & denial.used:
            return hit.pattern.is_negative  # the "no" is the denial's
        low, high = sorted((hit.first, denial.first))
        if any(low < turn < high for turn in turns) or any(low < comma <= high for comma in self.commas):
            return False
        if denial.kind == "denies_before":
            return hit.last < denial.first and denial.first - hit.last <= _REACH
        return hit.first > denial.last and hit.first - denial.last <= _REACH


def _size(hit: Hit) -> tuple[int, float, int]:
    return -hit.used.bit_count(), -hit.weight, hit.last - hit.first


def _competes(hit: Hit, other: Hit) -> bool:
    """Two hits are about the same thing only where both are reasons, or both are of one kind."""
    return hit.kind == other.kind or (hit.kind == "reason" and other.kind.startswith("denies") and hit.weight < 2)

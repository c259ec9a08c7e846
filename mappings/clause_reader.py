"""Finding concepts in one clause: patterns placed on words, the largest kept, what is denied weakened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mappings.lexicon import Lexicon, Pattern, shipped_lexicon
from mappings.spelling import corrected
from mappings.text import Clause, Word, fold

_REACH = 4  # words over which a denial or a hedge works
_NO_REACH = 2  # words over which a "no" works
STATEMENT = 2  # the strength from which a hit says something, rather than names a subject
_KNOWN_WORD = 0.6  # a word of the vocabulary that no pattern used counts less than one that was used
_TURN_WIDTH = 4  # "but" keeps what stands before it apart from what follows
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


@lru_cache(maxsize=8_192)
def _word_bits(raw: str) -> tuple[str, int]:
    """A word folded, and its bits."""
    folded = fold(raw)
    vocabulary = shipped_lexicon().vocabulary
    return folded, vocabulary.accented.get(raw.lower()) or vocabulary.mask(folded)


class ClauseReader:
    """Finds the concepts of one clause."""

    def __init__(self, lexicon: Lexicon, clause: Clause, *, opens_sentence: bool, mends: bool) -> None:
        self.lexicon = lexicon
        self.clause = clause
        self.words: tuple[Word, ...] = clause.words
        read = [_word_bits(word.raw) for word in clause.words]
        self.folded = [folded for folded, _ in read]
        self.masks = [mask for _, mask in read]
        self.phrases: dict[int, tuple[int, int]] = {}  # first word of a phrase -> its last word and its bits
        if mends:
            self._mend()
        self._mark_names(opens_sentence)
        self._join_phrases()
        self.ahead = self._count_fillers()
        self.counted = sum(not mask & lexicon.filler for mask in self.masks)
        self.known = 0.0

    def _mend(self) -> None:
        """Reads an unknown word as the known one that it is a misspelling of."""
        for place, mask in enumerate(self.masks):
            near = corrected(self.folded[place]) if mask == 0 else None
            if near is not None:
                self.masks[place] = self.lexicon.vocabulary.mask(near)

    def _mark_names(self, opens_sentence: bool) -> None:
        for place, word in enumerate(self.words):
            if self.masks[place] == 0 and word.raw[0].isupper() and len(word.raw) > 1 and (place or not opens_sentence):
                self.masks[place] = self.lexicon.name

    def _join_phrases(self) -> None:
        phrases = self.lexicon.vocabulary.phrases
        for place, word in enumerate(self.folded):
            if word in phrases and self.masks[place] >= 0:
                for phrase in phrases[word]:
                    last = place + len(phrase.rest)
                    if tuple(self.folded[place + 1 : last + 1]) == phrase.rest:
                        self._join(place, last, phrase.mask)
                        break

    def _join(self, place: int, last: int, mask: int) -> None:
        """A phrase adds its meaning to its first word; "not only" takes away that of its words."""
        if mask & self.lexicon.neutral:
            for inner in range(place, last + 1):
                self.masks[inner] = self.lexicon.filler
        else:
            self.masks[place] |= mask
            self.phrases[place] = (last, mask)

    def _count_fillers(self) -> list[int]:
        """How many words that count stand before each place; a comma counts as two, a "but" as more."""
        ahead = [0]
        for place, mask in enumerate(self.masks):
            counts = _TURN_WIDTH if mask & self.lexicon.turn else not mask & self.lexicon.filler
            ahead.append(ahead[-1] + counts + 2 * (place in self.clause.commas))
        return ahead

    def hits(self) -> list[Hit]:
        """What the clause says, in the order of its words."""
        present = 0
        for mask in self.masks:
            present |= mask
        hits = self._keep_largest(self._hits(present)) if present & self.lexicon.anchors else []
        self._deny(hits)
        self.known = self._known(set().union(*[hit.used for hit in hits]))
        return sorted([hit for hit in hits if hit.weight > 0], key=_first)

    def _known(self, covered: set[int]) -> float:
        """How many of the words that count were understood."""
        filler, nothing_but_name = self.lexicon.filler, ~self.lexicon.name
        known = 0.0
        for place, mask in enumerate(self.masks):
            if mask & filler:
                continue
            if place in covered:
                known += 1.0
            elif mask & nothing_but_name:
                known += _KNOWN_WORD
        return known

    def _hits(self, present: int) -> list[Hit]:
        places: dict[int, list[int]] = {}
        hits: list[Hit] = []
        anchors = present & self.lexicon.anchors
        absent = ~present
        while anchors:
            low = anchors & -anchors
            anchors ^= low
            for pattern in self.lexicon.by_anchor[low.bit_length() - 1]:
                if not pattern.mask & absent:
                    used = self._place(pattern, places)
                    if used:
                        concept = self.lexicon.concepts[pattern.concept]
                        skipped = self.ahead[used[-1] + 1] - self.ahead[used[0]] - len(used)
                        weight = concept.strength * max(0.5, 1 - _SKIP_COST * max(0, skipped))
                        hits.append(Hit(pattern, used[0], used[-1], frozenset(used), weight, concept.kind))
        return hits

    def _place(self, pattern: Pattern, places: dict[int, list[int]]) -> tuple[int, ...] | None:
        """The words that a pattern falls on, the last that fit: they stand closest together."""
        for start in reversed(self._places_of(pattern.bits[0], places)):
            used = self._follow(pattern, 1, self._words_at(start, pattern.bits[0]), places)
            if used:
                return used
        return None

    def _follow(
        self, pattern: Pattern, element: int, used: tuple[int, ...], places: dict[int, list[int]]
    ) -> tuple[int, ...] | None:
        if element == len(pattern.bits):
            return used
        after = used[-1] + 1
        for place in self._places_of(pattern.bits[element], places):
            if place >= after:
                if self.ahead[place] - self.ahead[after] > pattern.gaps[element]:
                    return None
                here = self._words_at(place, pattern.bits[element])
                found = self._follow(pattern, element + 1, (*used, *here), places)
                if found:
                    return found
        return None

    def _words_at(self, place: int, bit: int) -> tuple[int, ...]:
        """The words that carry a bit: one, or those of a phrase."""
        last, mask = self.phrases.get(place, (place, 0))
        return tuple(range(place, last + 1)) if mask >> bit & 1 else (place,)

    def _places_of(self, bit: int, places: dict[int, list[int]]) -> list[int]:
        if bit not in places:
            wanted = 1 << bit
            places[bit] = [place for place, mask in enumerate(self.masks) if mask & wanted]
        return places[bit]

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
        pairs = [hit for hit in hits if len(hit.used) == 2 and self.masks[hit.first] & self.lexicon.no_before]
        paired = {id(hit) for hit in pairs}
        nearest: dict[int, int] = {}
        for hit in pairs:
            nearest[hit.first] = min(hit.last, nearest.get(hit.first, hit.last))
        return [hit for hit in hits if id(hit) not in paired or hit.last == nearest[hit.first] or hit.kind != "reason"]

    def _deny(self, hits: list[Hit]) -> None:
        """Weakens what is denied ("price was not the issue") or negated ("did not choose a competitor")."""
        if not any(hit.kind == "reason" for hit in hits):
            return
        denials = [
            denial for denial in hits if denial.kind.startswith("denies") and not _is_part_of_reason(denial, hits)
        ]
        has_cause = any(hit.kind == "cause" for hit in hits)
        is_ours = any(hit.kind == "our_side" for hit in hits)
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
            if has_cause:
                hit.weight *= 1.4
            if is_ours and hit.pattern.concept != "bad_experience":
                hit.weight *= 0.6

    def _is_negated(self, hit: Hit, denials: list[Hit]) -> bool:
        taken = frozenset().union(*(denial.used for denial in denials))
        before = any(
            mask & self.lexicon.no_before and place not in taken and self._is_near(place, hit.first)
            for place, mask in enumerate(self.masks[: hit.first])
        )
        inside = any(
            self.masks[place] & self.lexicon.no_before and place not in hit.used and place not in taken
            for place in range(hit.first + 1, hit.last)
        )
        return before or inside or any(mask & self.lexicon.no_after for mask in self.masks[hit.last + 1 : hit.last + 4])

    def _is_near(self, place: int, first: int) -> bool:
        """Whether a "no" at `place` reaches the words from `first` on: few words between, and no comma."""
        if any(place < comma <= first for comma in self.clause.commas):
            return False
        return self.ahead[first] - self.ahead[place + 1] <= _NO_REACH

    def _denies(self, denial: Hit, hit: Hit, turns: list[int]) -> bool:
        if hit.used & denial.used:
            return hit.pattern.is_negative  # the "no" is the denial's
        low, high = sorted((hit.first, denial.first))
        if any(low < turn < high for turn in turns) or any(low < comma <= high for comma in self.clause.commas):
            return False
        if denial.kind == "denies_before":
            return hit.last < denial.first and denial.first - hit.last <= _REACH
        return hit.first > denial.last and hit.first - denial.last <= _REACH


def _first(hit: Hit) -> int:
    return hit.first


def _is_part_of_reason(denial: Hit, hits: list[Hit]) -> bool:
    """Whether a reason uses the denial's words and more: "we don't have that problem" denies nothing else."""
    return any(hit.kind == "reason" and denial.used < hit.used for hit in hits)


def _competes(hit: Hit, other: Hit) -> bool:
    """Two hits are about the same thing only where both are reasons, or both are of one kind."""
    return hit.kind == other.kind or (hit.kind == "reason" and other.kind.startswith("denies") and hit.weight < 2)

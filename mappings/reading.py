"""What a text says, before any mapping: `read_text` finds concepts with their words, negations and hedges.

A reading depends on the text and EXTRACTOR_VERSION alone, so it may be stored by the text's hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mappings.lexicon import Lexicon, Pattern, shipped_lexicon
from mappings.text import Clause, Word, clauses, fold

# Part of every stored reading; raise it with any change to the vocabulary or to the way texts are read.
EXTRACTOR_VERSION = "1"

LONG_TEXT_WORDS = 12
NARRATIVE_WORDS = 25
_REACH = 4  # words over which a "no" or a denial works


@dataclass(frozen=True, slots=True)
class Signal:
    """One concept found at `start:end`. `weight` is its strength after negation, contrast and hedges."""

    concept: str
    rule: str
    start: int
    end: int
    weight: float
    kind: str = "reason"


@dataclass(frozen=True, slots=True)
class TextReading:
    """What one text says. `words` are folded, with their spans; `known` is the share that was understood."""

    signals: tuple[Signal, ...] = ()
    words: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    known: float = 0.0

    @property
    def is_long(self) -> bool:
        return len(self.words) > LONG_TEXT_WORDS


@dataclass(slots=True)
class _Hit:
    """A pattern's place in one clause: token numbers from `first` to `last`, and which tokens it used."""

    pattern: Pattern
    first: int
    last: int
    used: frozenset[int]
    weight: float
    kind: str


@lru_cache(maxsize=32_768)
def read_text(text: str) -> TextReading:
    """The concepts a text holds, in order. Pure; the same text is read once."""
    lexicon = shipped_lexicon()
    signals: list[Signal] = []
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    known = counted = 0
    parts = clauses(text, lexicon.cjk_words)
    read = [_ClauseReader(lexicon, clause, number == 0 or clause.sentence != parts[number - 1].sentence) for number, clause in enumerate(parts)]
    for number, reader in enumerate(read):
        signals.extend(reader.signals())
        words.extend(reader.folded)
        spans.extend((word.start, word.end) for word in reader.words)
        known += reader.known
        counted += reader.counted
    signals = _weigh_contrast(read, signals)
    if len(words) > NARRATIVE_WORDS:
        signals = [_scaled(signal, 0.6) if _is_mention(text, signal) else signal for signal in signals]
    share = known / counted if counted else 0.0
    return TextReading(tuple(signals), tuple(words), tuple(spans), share)


def _is_mention(text: str, signal: Signal) -> bool:
    """In a story a single word is rarely the point."""
    return signal.kind == "reason" and " " not in text[signal.start : signal.end]


def _weigh_contrast(readers: Sequence[_ClauseReader], signals: list[Signal]) -> list[Signal]:
    """What stands before a "but" in its sentence weighs less than what follows it."""
    turns = [signal for signal in signals if signal.kind == "contrast"]
    if not turns:
        return signals
    sentences = {clause.clause.sentence: clause for clause in readers}
    starts = {number: min(r.clause.words[0].start for r in readers if r.clause.sentence == number) for number in sentences}
    weighed = list(signals)
    for turn in turns:
        begin = max(start for start in starts.values() if start <= turn.start)
        weighed = [
            _scaled(signal, 0.45)
            if begin <= signal.start and signal.end <= turn.start and signal.kind == "reason" and begin < turn.start
            else signal
            for signal in weighed
        ]
    return weighed


def _scaled(signal: Signal, factor: float) -> Signal:
    return Signal(signal.concept, signal.rule, signal.start, signal.end, round(signal.weight * factor, 3), signal.kind)


@lru_cache(maxsize=65_536)
def _word_bits(raw: str) -> tuple[str, int]:
    """A word folded, and its bits."""
    folded = fold(raw)
    return folded, shipped_lexicon().vocabulary.mask(folded)


class _ClauseReader:
    """Finds the concepts of one clause."""

    def __init__(self, lexicon: Lexicon, clause: Clause, opens_sentence: bool) -> None:
        self.lexicon = lexicon
        self.clause = clause
        self.words: tuple[Word, ...] = clause.words
        read = [_word_bits(word.raw) for word in clause.words]
        self.folded = [folded for folded, _ in read]
        self.masks = [mask for _, mask in read]
        self.phrases: dict[int, tuple[int, int]] = {}  # first word of a phrase -> its last word and its bits
        self._mark_names(opens_sentence)
        self._join_phrases()
        self.ahead = self._count_fillers()
        self.counted = self.ahead[-1] - len(clause.commas)
        self.known = 0

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
        """How many words that count stand before each place; a comma counts as one."""
        ahead = [0]
        for place, mask in enumerate(self.masks):
            counts = mask != self.lexicon.filler
            ahead.append(ahead[-1] + counts + (place in self.clause.commas))
        return ahead

    def signals(self) -> Iterator[Signal]:
        present = 0
        for mask in self.masks:
            present |= mask
        hits = self._keep_largest(self._hits(present)) if present & self.lexicon.anchors else []
        self._deny(hits)
        covered: set[int] = set()
        for hit in hits:
            covered |= hit.used
        self.known = sum(
            1 for place, mask in enumerate(self.masks) if mask != self.lexicon.filler and (place in covered or mask & ~self.lexicon.name)
        )
        for hit in sorted(hits, key=lambda found: found.first):
            if hit.weight > 0:
                yield Signal(
                    hit.pattern.concept,
                    hit.pattern.rule,
                    self.words[hit.first].start,
                    self.words[hit.last].end,
                    round(hit.weight, 3),
                    hit.kind,
                )

    def _hits(self, present: int) -> list[_Hit]:
        places: dict[int, list[int]] = {}
        hits: list[_Hit] = []
        anchors = present & self.lexicon.anchors
        while anchors:
            low = anchors & -anchors
            anchors ^= low
            for pattern in self.lexicon.by_anchor[low.bit_length() - 1]:
                if pattern.mask & ~present == 0:
                    used = self._place(pattern, places)
                    if used:
                        concept = self.lexicon.concepts[pattern.concept]
                        skipped = self.ahead[used[-1] + 1] - self.ahead[used[0]] - len(used)
                        weight = concept.strength * max(0.5, 1 - 0.06 * max(0, skipped))
                        hits.append(_Hit(pattern, used[0], used[-1], frozenset(used), weight, concept.kind))
        return hits

    def _place(self, pattern: Pattern, places: dict[int, list[int]]) -> tuple[int, ...] | None:
        """The tokens that a pattern falls on, leftmost first."""
        for start in self._places_of(pattern.bits[0], places):
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

    def _keep_largest(self, hits: list[_Hit]) -> list[_Hit]:
        """Of hits on the same words the one that uses more of them: the specific beats the bare topic."""
        if len(hits) < 2:
            return hits
        hits.sort(key=lambda hit: (-len(hit.used), -hit.weight, hit.last - hit.first))
        kept: list[_Hit] = []
        for hit in hits:
            if not any(hit.used <= other.used and _competes(hit, other) for other in kept):
                kept.append(hit)
        return kept

    def _deny(self, hits: list[_Hit]) -> None:
        """Weakens what is denied ("price was not the issue") or negated ("did not choose a competitor")."""
        denials = [hit for hit in hits if hit.kind.startswith("denies")]
        has_cause = any(hit.kind == "cause" for hit in hits)
        is_ours = any(hit.kind == "our_side" for hit in hits)
        hedges = [hit for hit in hits if hit.kind == "hedge"]
        for hit in hits:
            if hit.kind != "reason":
                continue
            if any(self._denies(denial, hit) for denial in denials):
                hit.weight = 0
            elif hit.weight >= 2 and not hit.pattern.is_negative and self._is_negated(hit):
                hit.weight = 0
            elif any(hedge.last < hit.first and hit.first - hedge.last <= _REACH for hedge in hedges):
                hit.weight *= 0.7
            if has_cause:
                hit.weight *= 1.4
            if is_ours and hit.pattern.concept != "bad_experience":
                hit.weight *= 0.6

    def _is_negated(self, hit: _Hit) -> bool:
        before = any(
            mask & self.lexicon.no_before and self.ahead[hit.first] - self.ahead[place + 1] <= 2
            for place, mask in enumerate(self.masks[: hit.first])
        )
        return before or any(mask & self.lexicon.no_after for mask in self.masks[hit.last + 1 : hit.last + 3])

    def _denies(self, denial: _Hit, hit: _Hit) -> bool:
        if hit.used & denial.used and denial.kind != "denies_within":
            return False
        if denial.kind == "denies_before":
            return hit.last < denial.first and denial.first - hit.last <= _REACH
        if denial.kind == "denies_after":
            return hit.first > denial.last and hit.first - denial.last <= _REACH
        return False


def _competes(hit: _Hit, other: _Hit) -> bool:
    """Two hits are about the same thing only where both are reasons, or both are of one kind."""
    return hit.kind == other.kind or (hit.kind == "reason" and other.kind.startswith("denies") and hit.weight < 2)

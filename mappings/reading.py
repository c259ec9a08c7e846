"""What a text says, before any mapping: `read_text` finds concepts with their words, negations and hedges.

A reading depends on the text and EXTRACTOR_VERSION alone, so it may be stored by the text's hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mappings.clause_reader import ClauseReader, Hit
from mappings.lexicon import shipped_lexicon
from mappings.text import clauses

# Part of every stored reading; raise it with any change to the vocabulary or to the way texts are read.
EXTRACTOR_VERSION = "2"

LONG_TEXT_WORDS = 12
NARRATIVE_WORDS = 25
_LAST_WORD = 0.08  # what a last sentence weighs more than the first: the real reason is told at the end
LABEL_WORDS = 7  # longer texts hold too many words that look like others


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


@lru_cache(maxsize=4_096)
def read_text(text: str) -> TextReading:
    """The concepts a text holds, in order. Pure; the same text is read once."""
    reading = _read(text, mends=False)
    if len(reading.words) <= LABEL_WORDS and not any(signal.kind == "reason" for signal in reading.signals):
        return _read(text, mends=True)
    return reading


def _read(text: str, *, mends: bool) -> TextReading:
    lexicon = shipped_lexicon()
    signals: list[Signal] = []
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    known, counted = 0.0, 0
    parts = clauses(text, lexicon.cjk_words)
    read = [
        ClauseReader(
            lexicon,
            clause,
            opens_sentence=number == 0 or clause.sentence != parts[number - 1].sentence,
            mends=mends,
        )
        for number, clause in enumerate(parts)
    ]
    for reader in read:
        later = 1 + _LAST_WORD * reader.clause.sentence / (parts[-1].sentence + 1)
        signals.extend(_scaled(_signal(reader, hit), later) for hit in reader.hits())
        words.extend(reader.folded)
        spans.extend((word.start, word.end) for word in reader.words)
        known += reader.known
        counted += reader.counted
    signals = _weigh_contrast(read, signals)
    if len(words) > NARRATIVE_WORDS:
        signals = [_scaled(signal, 0.6) if _is_mention(text, signal) else signal for signal in signals]
    share = known / counted if counted else 0.0
    return TextReading(tuple(signals), tuple(words), tuple(spans), share)


def _signal(reader: ClauseReader, hit: Hit) -> Signal:
    start, end = reader.words[hit.first].start, reader.words[hit.last].end
    return Signal(hit.pattern.concept, hit.pattern.rule, start, end, round(hit.weight, 3), hit.kind)


def _is_mention(text: str, signal: Signal) -> bool:
    """In a story a single word is rarely the point."""
    return signal.kind == "reason" and " " not in text[signal.start : signal.end]


def _weigh_contrast(readers: Sequence[ClauseReader], signals: list[Signal]) -> list[Signal]:
    """What stands before a "but" in its sentence weighs less than what follows it."""
    turns = [signal for signal in signals if signal.kind == "contrast"]
    if not turns:
        return signals
    sentences = {clause.clause.sentence: clause for clause in readers}
    starts = {
        number: min(r.clause.words[0].start for r in readers if r.clause.sentence == number) for number in sentences
    }
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

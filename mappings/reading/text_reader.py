"""What a text says, before any mapping: `read_text` finds concepts with their words, negations and hedges.

A reading depends on the text and EXTRACTOR_VERSION alone, so it may be stored by the text's hash.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from mappings.reading import asides
from mappings.reading.clause_reader import read_clause
from mappings.reading.denying import STATEMENT
from mappings.reading.headings import because_of, under_heading
from mappings.reading.senses import Mending, word_reader
from mappings.reading.signals import Signal, new, thousandths
from mappings.reading.spelling import corrected, one_letter_off, slipped
from mappings.text import is_label, stretches

# Part of every stored reading; raise it with any change to the vocabulary or to the way texts are read.
EXTRACTOR_VERSION = "14"

LONG_TEXT_WORDS = 12
NARRATIVE_WORDS = 25
_LAST_WORD = 0.08  # what a last sentence weighs more than the first: the real reason is told at the end
_LIGHTEST_TOPIC = 0.9
_BARE_NO = 2.0
_BARE_ENDS = frozenset({"withdrew", "no_decision"})  # "they cancelled", "the deal died"
_BESIDE = 12  # letters between what is asked and the day until which it is
_ONLY_WHEN = frozenset({"later"})
_WEAKENING = frozenset({"contrast", "cause"})
LABEL_WORDS = 7  # longer texts hold too many words that look like others


class TextReading(NamedTuple):
    """What one text says. `words` are folded, with where they start; `known` is the share that was understood."""

    signals: tuple[Signal, ...] = ()
    words: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()
    known: float = 0.0

    @property
    def is_long(self) -> bool:
        return len(self.words) > LONG_TEXT_WORDS

    def has_none_of(self, words: frozenset[str]) -> bool:
        """Whether none of these folded words stands in the text."""
        return words.isdisjoint(self.words)


@lru_cache(maxsize=4_096)
def read_text(text: str) -> TextReading:
    """The concepts a text holds, in order. Pure; the same text is read once."""
    reading = _read(text, mends=None)
    if len(reading.words) > LABEL_WORDS:
        return reading
    if not any(_is_topic(signal) for signal in reading.signals):
        return _read(text, mends=corrected)
    if reading.known == 1:
        return reading
    if all(map(_is_bare, reading.signals)) and any(map(one_letter_off, reading.words)):
        mended = _read(text, mends=one_letter_off)
        if not all(map(_is_bare, mended.signals)):
            return mended
    return _read(text, mends=slipped) if any(map(slipped, reading.words)) else reading


def _is_topic(signal: Signal) -> bool:
    """Whether it names a subject at all: "lost" and "other" do not."""
    return signal.kind == "reason" and signal.weight >= _LIGHTEST_TOPIC


def _is_bare(signal: Signal) -> bool:
    """Whether it is no statement: "vendor" names a subject, "cheaper vendor" tells something of it."""
    return signal.kind != "reason" or signal.weight < STATEMENT


def _read(text: str, *, mends: Mending | None) -> TextReading:
    signals: list[Signal] = []
    words: list[str] = []
    starts: list[int] = []
    heading = 0  # where the first stretch of a label ends
    openings: dict[int, int] = {}  # where each sentence's first word stands
    known, counted = 0.0, 0
    words_of = word_reader(is_label=is_label(text), mends=mends)
    parts = list(stretches(text))
    for start, end, sentence in parts:
        later = 1 + _LAST_WORD * sentence / (parts[-1].sentence + 1)
        opens = sentence not in openings
        clause = read_clause(text[start:end], words_of, opens)
        if opens:
            openings[sentence] = start + clause.starts[0]
        signals += [
            new(Signal, (concept, rule, start + first, start + last, thousandths(weight * later), kind))
            for concept, rule, first, last, weight, kind in clause.signals
        ]
        words += clause.folded
        starts += [start + first for first in clause.starts]
        known += clause.known
        counted += clause.counted
        heading = heading or end
    if len(parts) > 1 and len(words) <= LABEL_WORDS:
        signals = under_heading(text, signals, heading)
    if len(words) <= LABEL_WORDS:
        signals = because_of(signals)
    kinds = {signal.kind for signal in signals}
    if "topic" in kinds:
        signals = _with_topics(signals, is_label=len(words) <= LABEL_WORDS)
    if "channel" in kinds:
        signals = _by_another_channel(signals)
    if "until" in kinds:
        signals = _until_a_day(signals)
    if not _WEAKENING.isdisjoint(kinds):
        signals = _weigh_contrast(list(openings.values()), signals)
    if not asides.KINDS.isdisjoint(kinds):
        signals = asides.put_aside(text, openings.values(), signals)
    if len(words) > NARRATIVE_WORDS:
        signals = [_scaled(signal, 0.6) if _is_mention(text, signal) else signal for signal in signals]
    share = known / counted if counted else 0.0
    return TextReading(tuple(signals), tuple(words), tuple(starts), share)


def _with_topics(signals: list[Signal], *, is_label: bool) -> list[Signal]:
    """In a label that says nothing else, what its bare words are about counts; elsewhere it does not."""
    topics = [signal for signal in signals if signal.kind == "topic"]
    others = [signal for signal in signals if signal.kind != "topic"]
    if not is_label or any(_is_topic(signal) for signal in others):
        return others
    return [*others, *[topic._replace(kind="reason") for topic in topics]]


def _by_another_channel(signals: list[Signal]) -> list[Signal]:
    """Who asks to be left alone in one way and names another ("stop calling, email is fine") says a bare no."""
    asked = [signal for signal in signals if signal.concept == "do_not_contact"]
    names_another = any(signal.concept == "other_channel" for signal in signals)
    if not asked or not names_another or any(signal.kind == "every_channel" for signal in signals):
        return signals
    return [
        signal._replace(concept="withdrew", weight=_BARE_NO) if signal.concept == "do_not_contact" else signal
        for signal in signals
        if signal.kind != "never" or not any(_overlap(signal, other) for other in asked)
    ]


def _until_a_day(signals: list[Signal]) -> list[Signal]:
    """Who asks not to be contacted until a day ("do not call again before June") says when, unless a list is to forget
    them.
    """
    days = [signal for signal in signals if signal.kind == "until"]
    asked = [signal for signal in signals if signal.concept == "do_not_contact"]
    bound = [one for one in asked if any(_is_beside(one, day) for day in days)]
    if len(bound) < len(asked) or any(signal.kind == "every_channel" for signal in signals):
        return signals
    return [
        signal._replace(concept="later") if signal.concept == "do_not_contact" else signal
        for signal in signals
        if signal.kind != "never" or not any(_overlap(signal, one) for one in asked)
    ]


def _is_beside(one: Signal, other: Signal) -> bool:
    return one.start - _BESIDE <= other.end and other.start <= one.end + _BESIDE


def _overlap(one: Signal, other: Signal) -> bool:
    return one.start < other.end and other.start < one.end


def _is_mention(text: str, signal: Signal) -> bool:
    """In a story a single word is rarely the point."""
    return signal.kind == "reason" and " " not in text[signal.start : signal.end]


def _weigh_contrast(openings: list[int], signals: list[Signal]) -> list[Signal]:
    """What stands before a "but" in its sentence weighs less than what follows it, as a bare no before "because".

    "They chose another, not because of the price but because ..." sets only two causes against each other.
    """
    denials = [signal.start for signal in signals if signal.kind == "denies_after"]
    weighed = signals
    for turn in signals:
        if turn.kind not in _WEAKENING:
            continue
        behind = {signal.concept for signal in signals if signal.kind == "reason" and signal.start > turn.start}
        if behind == _ONLY_WHEN:
            continue  # "no need, but perhaps next year" says when, not another why
        begin = max(start for start in openings if start <= turn.start)
        if turn.kind == "contrast":
            begin = max([begin, *[denial for denial in denials if denial < turn.start]])
        weighed = [
            _scaled(signal, 0.45)
            if signal.kind == "reason"
            and begin <= signal.start
            and signal.end <= turn.start
            and begin < turn.start
            and (turn.kind == "contrast" or signal.concept in _BARE_ENDS)
            else signal
            for signal in weighed
        ]
    return weighed


def _scaled(signal: Signal, factor: float) -> Signal:
    concept, rule, start, end, weight, kind = signal
    return Signal(concept, rule, start, end, thousandths(weight * factor), kind)

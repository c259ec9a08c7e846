"""What reason fields say by themselves, and what notes do: worked out once for all losses that share them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mappings.deciding.leaning import Texts
from mappings.deciding.rules import Source, Vote, votes_of
from mappings.deciding.weighing import STORY_WORDS, Setting, weigh
from mappings.documents.mapping_set import MappingSet, shipped_mapping_set
from mappings.model import Verdict
from mappings.reading import read_text
from mappings.taxonomy import Category
from mappings.values import value_type

NOTHING_SAID = Verdict(category=Category.UNKNOWN, sub_reason="none_given", confidence=0.95)
_STATED_UNDER_NOTES = 0.75  # a picklist is a first guess where notes say more
_WORD_BYTES = 4  # four letters, or two of Japanese
_PARTED = re.compile(r"[;,/|&+]| (?:and|und|et|y|en|e|ed) ")  # between the things that a label names


class Measure(NamedTuple):
    """How long some texts are, how many of their words were known, and what they say of finality."""

    words: int
    known: float
    is_never: bool
    is_for_now: bool

    def plus(self, other: Measure) -> Measure:
        """Of both together."""
        return Measure(
            self.words + other.words,
            self.known + other.known,
            self.is_never or other.is_never,
            self.is_for_now or other.is_for_now,
        )


def measure_of(texts: Texts) -> Measure:
    """Of all the texts together."""
    words, known, is_never, is_for_now = 0, 0.0, False, False
    for _, text in texts:
        reading = read_text(text)
        words += len(reading.words)
        known += reading.known * len(reading.words)
        kinds = [signal.kind for signal in reading.signals]
        is_never = is_never or "never" in kinds
        is_for_now = is_for_now or "not_now" in kinds
    return Measure(words, known, is_never, is_for_now)


def setting_of(measure: Measure, *, leaning: Texts, label: Texts | None = None) -> Setting:
    """How texts are to be weighed; `label` are those of reason fields that are weighed alone, and are labels."""
    return Setting(
        is_label=label is not None,
        word_count=measure.words,
        understood=measure.known / measure.words if measure.words else 0.0,
        leaning=leaning,
        has_words=any(len(word.encode()) >= _WORD_BYTES for _, text in label or () for word in read_text(text).words),
        is_never=measure.is_never,
        is_for_now=measure.is_for_now and measure.words <= STORY_WORDS,  # in a story weeks and months tell what was
        has_parts=any(_PARTED.search(text) for _, text in label or ()),
    )


@value_type(frozen=True, slots=True)
class Noted:
    """What the notes say by themselves."""

    votes: tuple[Vote, ...]
    measure: Measure
    is_shipped: bool


@lru_cache(maxsize=1_024)
def noted_of(mapping_set: MappingSet, connection: str | None, notes: Texts) -> Noted:
    """The notes' part of a loss: reps and machines write the same ones beside many reasons."""
    votes = tuple(_votes(mapping_set, notes, "notes", connection))
    return Noted(votes, measure_of(notes), mean_as_shipped(votes))


@value_type(frozen=True, slots=True)
class Stated:
    """What the reason fields say by themselves, and their votes as they count beside notes."""

    lighter_votes: tuple[Vote, ...]
    measure: Measure
    is_shipped: bool
    speaks_of_rival: bool
    verdict: Verdict
    ranked: tuple[Category, ...]


_NOTHING_STATED = Stated((), measure_of(()), True, False, NOTHING_SAID, (Category.UNKNOWN,))


@lru_cache(maxsize=4_096)
def stated_of(mapping_set: MappingSet, connection: str | None, reasons: Texts) -> Stated:
    """The reason fields' part of a loss; most deals share theirs with many others."""
    if not reasons:
        return _NOTHING_STATED
    votes = tuple(_votes(mapping_set, reasons, "reasons", connection))
    is_label = not any(read_text(words).is_long for _, words in reasons)
    measure, is_shipped = measure_of(reasons), mean_as_shipped(votes)
    setting = setting_of(measure, leaning=reasons if is_shipped else (), label=reasons if is_label else None)
    verdict, ranked = weigh(votes, setting)
    lighter = tuple([vote.weighing(vote.weight * _STATED_UNDER_NOTES) for vote in votes])
    return Stated(lighter, measure, is_shipped, speak_of_rival(votes), verdict, ranked)


def _votes(mapping_set: MappingSet, texts: Texts, role: str, connection: str | None) -> list[Vote]:
    votes: list[Vote] = []
    for field, words in texts:
        votes += votes_of(mapping_set, words, Source(role, field, connection))
    return votes


def speak_of_rival(votes: Sequence[Vote]) -> bool:
    """Whether the words speak of a rival or of a contract at all: only then is a name looked for."""
    rival = Category.COMPETITOR
    return any(True for vote in votes if vote.meaning.category is rival or vote.concept == "contract_locked")


def mean_as_shipped(votes: Iterable[Vote]) -> bool:
    """Whether no concept has another category than the shipped one, for which words lean to a category."""
    shipped = shipped_mapping_set().concepts
    for vote in votes:
        own = shipped.get(vote.concept)
        if own is not None and own.category is not vote.meaning.category:
            return False
    return True

"""LostDeal -> Classification: what the reason fields state, and what the notes show to lie under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from mappings.deciding.competitors import known_names, named_competitor, names_in
from mappings.deciding.leaning import Texts
from mappings.deciding.rules import Source, Vote, votes_of
from mappings.deciding.weighing import NO_WHY, STORY_WORDS, Setting, weigh
from mappings.documents.mapping_set import MappingSet, Meaning, shipped_mapping_set
from mappings.facts import extract_facts, read_dates
from mappings.model import Classification, Fact, FactKind, LostDeal, Verdict
from mappings.reading import read_text
from mappings.taxonomy import Category, Finality

_STATED_UNDER_NOTES = 0.75  # a picklist is a first guess where notes say more
_SAYS_NOTHING = "says_nothing"
_WORD_BYTES = 4  # four letters, or two of Japanese
_NOTES_SAY_MORE = 1.5  # the weight from which a note can change the verdict
NOTHING_SAID = Verdict(category=Category.UNKNOWN, sub_reason="none_given", confidence=0.95)

HINTS = {
    FactKind.CONTRACT_END: ("contract_locked", Category.TIMING, 1.4),
    FactKind.BUDGET_CYCLE: ("no_budget", Category.BUDGET, 0.8),
    FactKind.REVISIT: ("later", Category.TIMING, 1.3),
}
"""What a date supports, by its kind: a concept, with the category it has where the mapping set says none."""


def classify(deal: LostDeal, mapping_set: MappingSet, connection: str | None = None) -> Classification:
    """What the loss is taken to mean. Pure; `connection` is the name that rules may be limited to."""
    reasons: Texts = tuple((reason.field, reason.words) for reason in deal.stated_reasons if _is_said(reason.words))
    notes: Texts = tuple((note.field, note.text) for note in deal.notes if note.text.strip())
    facts = _facts(deal)
    judged = _judge(mapping_set, connection, reasons, notes, deal.competitor or "", _hints(deal, facts))
    return (
        Classification(
            stated=judged.stated,
            underlying=judged.underlying,
            facts=facts,
            needs_review=judged.needs_review,
            alternatives=judged.alternatives,
            mapping_version=judged.mapping_version,
            competitor=judged.competitor,
        )
        if facts
        else judged
    )


def stated_verdict(reasons: Texts, mapping_set: MappingSet, connection: str | None = None) -> Verdict:
    """What the reason fields alone are taken to mean; `reasons` are words by field."""
    return _stated(mapping_set, connection, _said(reasons))[1]


def best_guesses(reasons: Texts, mapping_set: MappingSet, connection: str | None = None) -> tuple[Category, ...]:
    """The two categories that the reason fields alone make most likely."""
    _, verdict, ranked = _stated(mapping_set, connection, _said(reasons))
    return _alternatives(verdict, ranked)


def _said(reasons: Texts) -> Texts:
    return tuple((field, words) for field, words in reasons if _is_said(words))


def _is_said(words: str) -> bool:
    """Whether a reason field holds words at all: "-", "?" and "..." are none, "$$$" is one."""
    return words[:1].isalnum() or any(letter.isalnum() for letter in words) or "$$" in words


def read_ahead(deals: Sequence[LostDeal]) -> None:
    """Read the notes of some hundreds of deals, one kind of reading after the other, before they are classified."""
    texts = [note.text for deal in deals for note in deal.notes if note.text.strip()]
    for read in (read_text, names_in, read_dates):
        for text in texts:
            read(text)


def _facts(deal: LostDeal) -> tuple[Fact, ...]:
    """The one place where dates enter a classification."""
    return extract_facts(deal)


def _hints(deal: LostDeal, facts: Iterable[Fact]) -> tuple[tuple[FactKind, str, str, int, int], ...]:
    return tuple((fact.kind, fact.field, fact.text, fact.start, fact.end) for fact in facts if _is_telling(deal, fact))


def _is_telling(deal: LostDeal, fact: Fact) -> bool:
    """A contract that had ended binds nobody, and "TBD" alone is no time to come back."""
    if fact.on is None and fact.text and {signal.concept for signal in read_text(fact.text).signals} == {_SAYS_NOTHING}:
        return False
    return fact.kind != FactKind.CONTRACT_END or fact.on is None or fact.on >= deal.lost_on


@lru_cache(maxsize=8_192)
def _judge(
    mapping_set: MappingSet,
    connection: str | None,
    reasons: Texts,
    notes: Texts,
    competitor: str,
    hints: tuple[tuple[FactKind, str, str, int, int], ...],
) -> Classification:
    note_votes = _votes(mapping_set, notes, "notes", connection)
    extra = [*_competitor_vote(mapping_set, competitor), *_hint_votes(mapping_set, hints)]
    stated_votes, stated, ranked = _stated(mapping_set, connection, reasons)
    underlying = stated
    if _says_more(stated, stated_votes, [*note_votes, *extra]):
        lowered = [_lighter(vote) for vote in stated_votes]
        votes = [*lowered, *note_votes, *extra]
        leaning = notes if _is_shipped(votes) else ()
        underlying, ranked = weigh(votes, _setting((*reasons, *notes), is_label=False, leaning=leaning))
    elif notes and reasons and stated.category != Category.UNKNOWN:
        underlying = replace(stated, finality=_finality_with(stated, notes))
    elif notes and not reasons:
        underlying = weigh((), _setting(notes, is_label=False, leaning=notes))[0]
    needs_review = underlying.confidence < mapping_set.review_threshold
    return Classification(
        stated=stated,
        underlying=underlying,
        needs_review=needs_review,
        alternatives=_alternatives(underlying, ranked) if needs_review else (),
        mapping_version=mapping_set.version,
        competitor=_competitor_in_words(mapping_set, (*reasons, *notes), [*stated_votes, *note_votes, *extra]),
    )


def _competitor_in_words(mapping_set: MappingSet, texts: Texts, votes: Iterable[Vote]) -> str | None:
    """The name, where the words speak of a rival or of a contract at all."""
    if any(vote.meaning.category == Category.COMPETITOR or vote.concept == "contract_locked" for vote in votes):
        return named_competitor((words for _, words in texts), known_names(mapping_set))
    return None


def _votes(mapping_set: MappingSet, texts: Texts, role: str, connection: str | None) -> list[Vote]:
    return [vote for field, words in texts for vote in votes_of(mapping_set, words, Source(role, field, connection))]


@lru_cache(maxsize=4_096)
def _stated(
    mapping_set: MappingSet, connection: str | None, reasons: Texts
) -> tuple[tuple[Vote, ...], Verdict, tuple[Category, ...]]:
    """The reason fields' votes, verdict and ranking; most deals share theirs with many others."""
    if not reasons:
        return (), NOTHING_SAID, (Category.UNKNOWN,)
    votes = _votes(mapping_set, reasons, "reasons", connection)
    is_label = not any(read_text(words).is_long for _, words in reasons)
    leaning = reasons if _is_shipped(votes) else ()
    return tuple(votes), *weigh(votes, _setting(reasons, is_label=is_label, leaning=leaning))


def _setting(texts: Texts, *, is_label: bool, leaning: Texts) -> Setting:
    readings = [read_text(words) for _, words in texts]
    count = sum(len(reading.words) for reading in readings)
    kinds = {signal.kind for reading in readings for signal in reading.signals}
    understood = sum(reading.known * len(reading.words) for reading in readings) / count if count else 0.0
    return Setting(
        is_label=is_label,
        word_count=count,
        understood=understood,
        leaning=leaning,
        has_words=any(len(word.encode()) >= _WORD_BYTES for reading in readings for word in reading.words),
        is_never="never" in kinds,
        is_for_now="not_now" in kinds and count <= STORY_WORDS,  # in a story weeks and months tell what was
    )


def _says_more(stated: Verdict, stated_votes: Sequence[Vote], others: Sequence[Vote]) -> bool:
    """Notes are heard where they say why, or where the reason field says nothing. When to come back is no reason."""
    if any(vote.weight >= _NOTES_SAY_MORE and vote.concept not in NO_WHY for vote in others):
        return True
    return bool(others) and (not stated_votes or stated.category == Category.UNKNOWN or stated.confidence < 0.6)


def _is_shipped(votes: Iterable[Vote]) -> bool:
    """Whether no concept has another category than the shipped one, for which words lean to a category."""
    shipped = shipped_mapping_set().concepts
    for vote in votes:
        own = shipped.get(vote.concept)
        if own is not None and own.category != vote.meaning.category:
            return False
    return True


def _lighter(vote: Vote) -> Vote:
    return vote.weighing(vote.weight * _STATED_UNDER_NOTES)


def _competitor_vote(mapping_set: MappingSet, competitor: str) -> Iterable[Vote]:
    if competitor.strip():
        meaning = _meaning(mapping_set, "chose_competitor", Category.COMPETITOR)
        rule = "competitor_field"
        yield Vote(meaning, 1.2, rule, competitor, "competitor", 0, len(competitor), rule)


def _hint_votes(mapping_set: MappingSet, hints: tuple[tuple[FactKind, str, str, int, int], ...]) -> Iterable[Vote]:
    """A date supports the category that it belongs to, and never more than that."""
    for kind, field, text, start, end in hints:
        concept, category, weight = HINTS[kind]
        meaning = _meaning(mapping_set, concept, category)
        yield Vote(meaning, weight, f"fact:{kind}", text, field, start, end, concept)


def _meaning(mapping_set: MappingSet, concept: str, category: Category) -> Meaning:
    return mapping_set.concepts.get(concept) or Meaning(category=category)


def _finality_with(stated: Verdict, notes: Texts) -> Finality:
    kinds = {signal.kind for _, text in notes for signal in read_text(text).signals}
    if "never" in kinds and stated.category != Category.UNRESPONSIVE:
        return Finality.NEVER
    return Finality.NOT_NOW if "not_now" in kinds and stated.finality == Finality.OPEN else stated.finality


def _alternatives(verdict: Verdict, ranked: Sequence[Category]) -> tuple[Category, ...]:
    """The two best guesses."""
    guesses = [
        verdict.category,
        *ranked,
        *([verdict.secondary] if verdict.secondary else []),
        Category.UNKNOWN,
        Category.NEED,
    ]
    return tuple(dict.fromkeys(guesses))[:2]

"""LostDeal -> Classification: what the reason fields state, and what the notes show to lie under it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from mappings.deciding.competitors import known_names, named_competitor, names_in
from mappings.deciding.leaning import Texts
from mappings.deciding.parts import Measure, Stated, mean_as_shipped, noted_of, setting_of, speak_of_rival, stated_of
from mappings.deciding.rules import Vote, rulebook
from mappings.deciding.weighing import NO_WHY, weigh
from mappings.documents.mapping_set import MappingSet, Meaning
from mappings.facts import extract_facts, read_dates
from mappings.kept import Kept
from mappings.model import Classification, Fact, FactKind, LostDeal, Verdict
from mappings.reading import read_text
from mappings.taxonomy import Category, Finality
from mappings.text import ALIKE
from mappings.values import replace

_SAYS_NOTHING = "says_nothing"
_NOTES_SAY_MORE = 1.5  # the weight from which a note can change the verdict
Hints = tuple[tuple[FactKind, str, str, int, int], ...]  # the kind of a fact, and its words: field[start:end]

HINTS = {
    FactKind.CONTRACT_END: ("contract_locked", Category.TIMING, 1.4),
    FactKind.BUDGET_CYCLE: ("no_budget", Category.BUDGET, 0.8),
    FactKind.REVISIT: ("later", Category.TIMING, 1.3),
}
"""What a date supports, by its kind: a concept, with the category it has where the mapping set says none."""


def classify(deal: LostDeal, mapping_set: MappingSet, connection: str | None = None) -> Classification:
    """What the loss is taken to mean. Pure; `connection` is the name that rules may be limited to."""
    reasons = tuple([(one.field, words) for one in deal.stated_reasons if _is_said(words := one.words)])
    notes = tuple([(note.field, note.text) for note in deal.notes if note.text.strip()])
    facts = _facts(deal)
    hints = _hints(deal, facts) if facts else ()
    judged = _judged(mapping_set, connection, reasons, notes, deal.competitor or "", hints)
    return replace(judged, facts=facts) if facts else judged


def stated_verdict(reasons: Texts, mapping_set: MappingSet, connection: str | None = None) -> Verdict:
    """What the reason fields alone are taken to mean; `reasons` are words by field."""
    return stated_of(mapping_set, connection, _said(reasons)).verdict


def best_guesses(reasons: Texts, mapping_set: MappingSet, connection: str | None = None) -> tuple[Category, ...]:
    """The two categories that the reason fields alone make most likely."""
    stated = stated_of(mapping_set, connection, _said(reasons))
    return _alternatives(stated.verdict, stated.ranked)


def _said(reasons: Texts) -> Texts:
    return tuple((field, words) for field, words in reasons if _is_said(words))


def _is_said(words: str) -> bool:
    """Whether a reason field holds words at all: "-", "?" and "..." are none, "$$$" is one."""
    return words[:1].isalnum() or any(letter.isalnum() for letter in words) or "$$" in words


def read_ahead(deals: Sequence[LostDeal]) -> None:
    """Read the notes of some hundreds of deals, one kind of reading after the other, before they are classified."""
    texts = [note.text for deal in deals for note in deal.notes if note.text.strip()]
    said = [ALIKE[text] for text in texts]
    for text in said:
        read_text(text)
    for text in said:
        names_in(text)
    for text in texts:
        read_dates(text)


def _facts(deal: LostDeal) -> tuple[Fact, ...]:
    """The one place where dates enter a classification."""
    return extract_facts(deal)


def _hints(deal: LostDeal, facts: Sequence[Fact]) -> Hints:
    return tuple(
        [(fact.kind, fact.field, fact.text, fact.start, fact.end) for fact in facts if _is_telling(deal, fact)]
    )


def _is_telling(deal: LostDeal, fact: Fact) -> bool:
    """A contract that had ended binds nobody, and "TBD" alone is no time to come back."""
    if fact.on is None:
        return not (fact.text and _SAYS_NO_TIME[fact.text])
    return fact.on >= deal.lost_on or fact.kind is not FactKind.CONTRACT_END


_SAYS_NO_TIME = Kept[str, bool](
    lambda words: {signal.concept for signal in read_text(words).signals} == {_SAYS_NOTHING}, most=4_096
)
"""Of the words of facts without a day, of which there are few different ones."""


def _judged(
    mapping_set: MappingSet, connection: str | None, reasons: Texts, notes: Texts, competitor: str, hints: Hints
) -> Classification:
    """What the texts come to; those that differ by a sum or a reference alone are judged once."""
    notes_alike, reasons_alike = _alike(notes), _alike(reasons)
    if notes_alike is not notes or reasons_alike is not reasons:
        book = rulebook(mapping_set)
        judged = _judge(
            mapping_set,
            connection,
            reasons if book.heeds_figures or book.labels_heed_figures else reasons_alike,
            notes if book.heeds_figures else notes_alike,
            competitor,
            hints,
        )
        if not _quotes_a_figure(judged):
            return judged
    return _judge(mapping_set, connection, reasons, notes, competitor, hints)


def _alike(texts: Texts) -> Texts:
    """The texts as all are that differ from them by long figures alone; themselves where they have none."""
    for _, words in texts:
        if ALIKE[words] != words:
            return tuple([(field, ALIKE[words]) for field, words in texts])
    return texts


def _quotes_a_figure(judged: Classification) -> bool:
    """Whether words that are shown hold one of the digits that `ALIKE` puts in."""
    evidence = (*judged.stated.evidence, *judged.underlying.evidence)
    return "7" in (judged.competitor or "") or any("7" in mark.text for mark in evidence)


@lru_cache(maxsize=8_192)
def _judge(
    mapping_set: MappingSet, connection: str | None, reasons: Texts, notes: Texts, competitor: str, hints: Hints
) -> Classification:
    stated = stated_of(mapping_set, connection, reasons)
    noted = noted_of(mapping_set, connection, notes)
    others = list(noted.votes)
    if competitor.strip():
        others.append(_competitor_vote(mapping_set, competitor))
    others += [_hint_vote(mapping_set, hint) for hint in hints]
    underlying, ranked = stated.verdict, stated.ranked
    if _says_more(stated, others):
        is_shipped = stated.is_shipped and noted.is_shipped and mean_as_shipped(others[len(noted.votes) :])
        setting = setting_of(stated.measure.plus(noted.measure), leaning=notes if is_shipped else ())
        underlying, ranked = weigh([*stated.lighter_votes, *others], setting)
    elif notes and reasons and underlying.category is not Category.UNKNOWN:
        underlying = replace(underlying, finality=_finality_with(underlying, noted.measure))
    elif notes and not reasons:
        underlying = weigh((), setting_of(noted.measure, leaning=notes))[0]
    needs_review = underlying.confidence < mapping_set.review_threshold
    speaks_of_rival = stated.speaks_of_rival or speak_of_rival(others)
    return Classification(
        stated=stated.verdict,
        underlying=underlying,
        needs_review=needs_review,
        alternatives=_alternatives(underlying, ranked) if needs_review else (),
        mapping_version=mapping_set.version,
        competitor=_competitor_in_words(mapping_set, (*reasons, *notes)) if speaks_of_rival else None,
    )


def _competitor_in_words(mapping_set: MappingSet, texts: Texts) -> str | None:
    return named_competitor([words for _, words in texts], known_names(mapping_set))


def _says_more(stated: Stated, others: Sequence[Vote]) -> bool:
    """Notes are heard where they say why, or where the reason field says nothing. When to come back is no reason."""
    for vote in others:
        if vote.weight >= _NOTES_SAY_MORE and vote.concept not in NO_WHY:
            return True
    verdict = stated.verdict
    is_unsaid = not stated.lighter_votes or verdict.category is Category.UNKNOWN or verdict.confidence < 0.6
    return bool(others) and is_unsaid


def _competitor_vote(mapping_set: MappingSet, competitor: str) -> Vote:
    meaning = _meaning(mapping_set, "chose_competitor", Category.COMPETITOR)
    rule = "competitor_field"
    return Vote(meaning, 1.2, rule, competitor, "competitor", 0, len(competitor), rule)


def _hint_vote(mapping_set: MappingSet, hint: tuple[FactKind, str, str, int, int]) -> Vote:
    """A date supports the category that it belongs to, and never more than that."""
    kind, field, text, start, end = hint
    concept, category, weight = HINTS[kind]
    meaning = _meaning(mapping_set, concept, category)
    return Vote(meaning, weight, f"fact:{kind}", text, field, start, end, concept)


def _meaning(mapping_set: MappingSet, concept: str, category: Category) -> Meaning:
    return mapping_set.concepts.get(concept) or Meaning(category=category)


def _finality_with(stated: Verdict, notes: Measure) -> Finality:
    if notes.is_never and stated.category != Category.UNRESPONSIVE:
        return Finality.NEVER
    return Finality.NOT_NOW if notes.is_for_now and stated.finality == Finality.OPEN else stated.finality


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

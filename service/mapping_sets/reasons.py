"""Page "Reasons": every distinct stated reason with its count, amount, and what it is taken to mean, and why.

Reasons are told apart by the value that a person would map (`store/stated_values.py`); what moves is counted by all
that is stated, the texts beside a list included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from mappings.classify import best_guesses, stated_verdict
from mappings.diff import CountedReason, ReasonDiff, diff_reasons
from mappings.documents.mapping_set import MappingSet
from mappings.taxonomy import Category
from service.store.reasons import Stated, count_stated, with_words
from service.store.stated_values import count_meanings, count_values

READ_AT_MOST = 20_000
"""Beyond so many distinct reasons (free text, not a list) only the most frequent are read to be put in order."""


TOP = 15
"""So many values are worth deciding first: they usually cover most losses."""


class Order(StrEnum):
    """How reasons are listed. `review`: those that nobody has decided come first, then by count."""

    REVIEW = "review"
    COUNT = "count"


class Source(StrEnum):
    """What a reading of a reason rests on, from the surest to none."""

    LABEL = "label"  # an admin's label
    SHIPPED_LABEL = "shipped_label"
    NEAR_LABEL = "near_label"  # a label that is nearly the same
    RULE = "rule"
    NAME = "name"  # a competitor's name
    WORDS = "words"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinctReason:
    """One distinct stated reason. `values` are its words by field; `guesses` the two best where it needs review.

    `disagree` counts its deals that are taken for another category than `in_force`, the value's own: for what their
    notes say, mostly.
    """

    connection: str
    connection_id: int
    key: int
    values: tuple[tuple[str, str], ...]
    count: int
    amounts: dict[str, Decimal]
    category: Category
    sub_reason: str | None
    source: Source
    rule: str
    confidence: float
    needs_review: bool
    guesses: tuple[Category, ...]
    in_force: Category
    disagree: int = 0

    @property
    def telling(self) -> tuple[tuple[str, str], ...]:
        """The values that can be assigned: "-" and "?" are read as no reason at all."""
        return tuple((name, words) for name, words in self.values if any(letter.isalnum() for letter in words))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonPage:
    """A page of reasons, and how many there are in all. Of all `deals`, `covered` give one of the TOP most frequent."""

    reasons: tuple[DistinctReason, ...]
    total: int
    deals: int
    covered: int


def distinct_reasons(
    tx: Session,
    mapping_set: MappingSet,
    *,
    connection_id: int | None = None,
    order: Order = Order.REVIEW,
    search: str = "",
    offset: int = 0,
    limit: int = 100,
    in_force: MappingSet | None = None,
) -> ReasonPage:
    """A page of the distinct stated reasons of deals in scope, as `mapping_set` reads them.

    `search` keeps those whose words hold the text. Ordering by review and searching read every reason, or the
    READ_AT_MOST most frequent ones; ordering by count reads only the page. `in_force` is the mapping set that deals
    stand on, where `mapping_set` is a draft.
    """
    found = count_values(tx, connection_id)
    counts = {"deals": sum(one.count for one in found), "covered": sum(one.count for one in found[:TOP])}
    if order is Order.COUNT and not search:
        page = [_read(mapping_set, one) for one in with_words(tx, found[offset : offset + limit])]
        return ReasonPage(reasons=_compared(tx, page, in_force), total=len(found), **counts)
    read = [_read(mapping_set, one) for one in with_words(tx, found[:READ_AT_MOST])]
    if search:
        wanted = search.casefold()
        read = [one for one in read if any(wanted in words.casefold() for _, words in one.values)]
    if order is Order.REVIEW:
        read.sort(key=lambda one: not one.needs_review)  # keeps the order by count within each
    total = len(read) if search else len(found)
    return ReasonPage(reasons=_compared(tx, read[offset : offset + limit], in_force), total=total, **counts)


def _compared(tx: Session, read: Sequence[DistinctReason], in_force: MappingSet | None) -> tuple[DistinctReason, ...]:
    """The reasons with what their deals are taken to mean, against what they mean by themselves."""
    if not read:
        return ()
    meanings, found = count_meanings(tx), []
    for one in read:
        category = one.category if in_force is None else reads_as(in_force, one)[0]
        meant = meanings.get((one.connection_id, one.key), Counter[str]())
        found.append(replace(one, in_force=category, disagree=meant.total() - meant[category]))
    return tuple(found)


def count_moves(tx: Session, old: MappingSet, new: MappingSet) -> ReasonDiff:
    """How many deals state each category before and after, and which reasons move. Reads no deal one by one."""
    stated = with_words(tx, count_stated(tx))
    return diff_reasons(old, new, [_counted(one) for one in stated])


def _counted(one: Stated) -> CountedReason:
    return CountedReason(texts=one.texts, count=one.count, connection=one.connection)


def _read(mapping_set: MappingSet, one: Stated) -> DistinctReason:
    verdict = stated_verdict(one.texts, mapping_set, one.connection)
    rule = verdict.evidence[0].rule if verdict.evidence else ""
    needs_review = verdict.confidence < mapping_set.review_threshold or verdict.category == Category.UNKNOWN
    return DistinctReason(
        connection=one.connection,
        connection_id=one.connection_id,
        key=one.key,
        values=one.texts,
        count=one.count,
        amounts=one.amounts,
        category=verdict.category,
        sub_reason=verdict.sub_reason,
        source=_source(mapping_set, rule, verdict.confidence),
        rule=rule,
        confidence=verdict.confidence,
        needs_review=needs_review,
        guesses=guesses(mapping_set, one.texts, one.connection) if needs_review else (),
        in_force=verdict.category,
    )


def _source(mapping_set: MappingSet, rule: str, confidence: float) -> Source:
    kind, _, name = rule.partition(":")
    if kind == "label":
        if confidence < 0.9:
            return Source.NEAR_LABEL
        is_admins = any(label.value == name and label.source is None for label in mapping_set.labels)
        return Source.LABEL if is_admins else Source.SHIPPED_LABEL
    if kind == "rule":
        return Source.RULE
    if kind in {"competitor", "rival_named", "competitor_field"}:
        return Source.NAME
    return Source.WORDS if rule else Source.NONE


def guesses(
    mapping_set: MappingSet, texts: Sequence[tuple[str, str]], connection: str | None = None
) -> tuple[Category, ...]:
    """The two best guesses at a reason, for a person to choose from."""
    return best_guesses(tuple(texts), mapping_set, connection)


def reads_as(mapping_set: MappingSet, one: DistinctReason) -> tuple[Category, str | None]:
    """What another mapping set takes the same reason to mean."""
    verdict = stated_verdict(one.values, mapping_set, one.connection)
    return verdict.category, verdict.sub_reason


def own_value(mapping_set: MappingSet, one: DistinctReason) -> str:
    """The value that a label for this reason is best put on: of several fields the first that says something by itself.

    Where none does, the last one: a label on "Other" would move every deal that says so. Empty where nothing is said.
    """
    for name, words in one.telling:
        if stated_verdict(((name, words),), mapping_set, one.connection).category != Category.UNKNOWN:
            return words
    return one.telling[-1][1] if one.telling else ""

"""Edits of the mapping set's draft, as people make them: assign values, rules, sub-reasons; and what is worth a look.

Every edit opens the draft, changes its text and saves it over the revision that the caller saw. The edits themselves
are pure: `mappings/documents/mapping_edits.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings.documents import mapping_edits as edits
from mappings.documents.mapping_set import WordRule
from mappings.taxonomy import Category
from service.errors import UsageFault
from service.mapping_sets.drafts import Draft, open_draft, save_draft
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.mapping_sets.reasons import DistinctReason, Order, distinct_reasons
from service.store.models import ClassificationRow, DealRow, EpisodeRow
from service.store.reasons import IN_SCOPE

Edit = Callable[[str], str]


def edit_draft(tx: Session, kind: Kind, edit: Edit, *, revision: int, author: str, now: datetime) -> Draft:
    """Save an edit of the draft that was opened at `revision`.

    Raises UsageFault for an edit that the document does not allow, DocumentError for one that makes it invalid, and
    DraftConflictError where somebody saved the draft meanwhile.
    """
    there = open_draft(tx, kind)
    try:
        text = edit(there.text)
    except edits.EditError as error:
        raise UsageFault(str(error)) from error
    return save_draft(tx, kind, text, revision=revision, author=author, now=now)


def assign_values(
    tx: Session,
    values: Sequence[str],
    category: Category,
    sub_reason: str | None = None,
    *,
    revision: int,
    author: str,
    now: datetime,
    connection: str | None = None,
    field: str | None = None,
) -> Draft:
    """Have one or many stated values mean this, by labels in the draft. Raises as `edit_draft` does."""

    def edit(text: str) -> str:
        return edits.assign_labels(text, values, category, sub_reason, connection=connection, field=field)

    return edit_draft(tx, Kind.MAPPINGS, edit, revision=revision, author=author, now=now)


def put_rule(tx: Session, rule: WordRule, *, revision: int, author: str, now: datetime) -> Draft:
    """Add or change a rule of words; `fields` and `connection` of the rule limit where it applies."""
    return edit_draft(
        tx, Kind.MAPPINGS, lambda text: edits.put_rule(text, rule), revision=revision, author=author, now=now
    )


def remove_sub_reason(
    tx: Session, category: Category, name: str, *, revision: int, author: str, now: datetime
) -> Draft:
    """Take a sub-reason out of the draft. Raises UsageFault, with the counts, while the document or deals use it."""
    if count := deals_with(tx, category, name):
        uses = edits.sub_reason_uses(open_draft(tx, Kind.MAPPINGS).text, category, name)
        raise UsageFault(
            f"{category}.{name} stands on {count} deal(s) and in {uses} entries of the draft.",
            remedy="Give those entries another sub-reason and publish that first.",
        )
    return edit_draft(
        tx,
        Kind.MAPPINGS,
        lambda text: edits.remove_sub_reason(text, category, name),
        revision=revision,
        author=author,
        now=now,
    )


def deals_with(tx: Session, category: Category, sub_reason: str) -> int:
    """How many lost deals in scope stand under a sub-reason now. Uses ix_classifications_category."""
    query = (
        select(func.count())
        .select_from(ClassificationRow)
        .join(EpisodeRow, EpisodeRow.id == ClassificationRow.episode_id)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .where(
            ClassificationRow.category == str(category),
            ClassificationRow.sub_reason == sub_reason,
            EpisodeRow.ended_as.is_(None),
            IN_SCOPE,
        )
    )
    return tx.scalar(query) or 0


def deals_by_sub_reason(tx: Session) -> dict[tuple[str, str], int]:
    """How many lost deals in scope stand under each sub-reason now."""
    query = (
        select(ClassificationRow.category, ClassificationRow.sub_reason, func.count())
        .join(EpisodeRow, EpisodeRow.id == ClassificationRow.episode_id)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .where(EpisodeRow.ended_as.is_(None), ClassificationRow.sub_reason.is_not(None), IN_SCOPE)
        .group_by(ClassificationRow.category, ClassificationRow.sub_reason)
    )
    return {(category, name or ""): count for category, name, count in tx.execute(query)}


def suggestions(tx: Session, *, limit: int = 20) -> list[DistinctReason]:
    """The most frequent values that nobody has decided, each with its two best guesses, as the draft reads them."""
    mapping_set = mapping_set_of(open_draft(tx, Kind.MAPPINGS).text)
    page = distinct_reasons(tx, mapping_set, order=Order.REVIEW, limit=limit)
    return [one for one in page.reasons if one.needs_review]

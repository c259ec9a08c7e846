"""Drafts of the editable documents, previews of what publishing them would do, and how far a publication has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base, DocumentOrNull, Numbered
from service.store.models.text import Words


class DraftRow(Base):
    """The one draft of a document; `text` is None where none is open. `base_number` is the version it was made from.

    `revision` counts everything that happened to it, publications included, and never goes back: whoever saves names
    the revision that he opened.
    """

    __tablename__ = "drafts"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    revision: Mapped[int]
    base_number: Mapped[int]
    version: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Words(100))
    updated_at: Mapped[datetime]


class PreviewState(StrEnum):
    """Where a preview stands. `publishing`: the version is in force, and the stored deals follow."""

    BUILDING = "building"
    READY = "ready"
    PUBLISHING = "publishing"
    PUBLISHED = "published"


class PreviewRow(Numbered):
    """What putting a document in force would do, and then the record of having done it.

    It rests on the bases (`mappings_base`, `policy_base`: the versions in force), on the draft's revision, or on the
    version gone back to (`rollback_to`), and on `days`, the date in each connection's zone: with another of these it
    is stale. `cursor` is how far the list has been made; `done` of `total` deals, in building and then in publishing.
    """

    __tablename__ = "previews"
    __table_args__ = (
        CheckConstraint("state IN ('building','ready','publishing','published')", name="state"),
        # One publication at a time.
        Index(
            "uq_previews_publishing",
            "state",
            unique=True,
            sqlite_where=text("state = 'publishing'"),
            postgresql_where=text("state = 'publishing'"),
        ),
    )

    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    draft_revision: Mapped[int | None]
    rollback_to: Mapped[int | None]
    mappings_base: Mapped[int]
    policy_base: Mapped[int]
    days: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    totals: Mapped[dict[str, Any]]
    cursor: Mapped[list[Any] | None]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    author: Mapped[str] = mapped_column(Words(100))
    number: Mapped[int | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class OutcomeState(StrEnum):
    """What became of a previewed deal. `arrived`: it was not as previewed any more, and was processed as new."""

    PREVIEWED = "previewed"
    APPLIED = "applied"
    ARRIVED = "arrived"


class OutcomeRow(Base):
    """One deal of a preview. `mark` covers everything its outcome rests on; `outcome` is None where nothing changes."""

    __tablename__ = "preview_outcomes"
    __table_args__ = (
        # The list of what changes, in pages.
        Index(
            "ix_preview_outcomes_changes",
            "preview_id",
            "deal_id",
            sqlite_where=text("outcome IS NOT NULL"),
            postgresql_where=text("outcome IS NOT NULL"),
        ),
    )

    preview_id: Mapped[int] = mapped_column(ForeignKey("previews.id", ondelete="CASCADE"), primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"), primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    mark: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)

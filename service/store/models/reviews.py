"""The weekly review as it was made, who is sent it, and what findings suggest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base, Numbered
from service.store.models.text import LongWords, Words


class ReviewRow(Base):
    """What a week's review says: made once and never changed. `week` is YYYY-Www; its days are those of `zone`."""

    __tablename__ = "reviews"

    week: Mapped[str] = mapped_column(String(8), primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]


class ReviewLetterRow(Numbered):
    """A review on its way to somebody. One a week and person. Its states are those of the other messages."""

    __tablename__ = "review_letters"
    __table_args__ = (
        UniqueConstraint("week", "user_id"),
        CheckConstraint("state IN ('ready','sending','sent','unclear','dropped','dead')", name="state"),
        Index("ix_review_letters_claim", "state", "next_try_at"),
    )

    week: Mapped[str] = mapped_column(ForeignKey("reviews.week", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(LongWords)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class SuggestionRow(Base):
    """What a finding suggests, where an admin wrote another text than the one shipped."""

    __tablename__ = "suggestions"

    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(LongWords)
    who: Mapped[str] = mapped_column(Words(255))
    changed_at: Mapped[datetime]

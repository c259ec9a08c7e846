"""Answers of the API to requests that carried an idempotency key, kept to be given again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base
from service.store.models.text import LongWords


class AnswerRow(Base):
    """One key of one token. `principal`, `key` and `fingerprint` are hashes; without `sealed` it is being worked on.

    `sealed` can only be read with the token that asked: an answer may hold a code or a secret.
    """

    __tablename__ = "api_answers"
    __table_args__ = (Index("ix_api_answers_created_at", "created_at"),)

    principal: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    sealed: Mapped[str | None] = mapped_column(LongWords)

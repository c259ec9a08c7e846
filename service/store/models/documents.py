"""Mapping sets and policies: every version that was ever published, and drafts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Numbered
from service.store.models.text import LongWords, Words


class DocumentColumns(Numbered):
    """A version of an editable document. `version` is the hash of its content, `number` counts publications.

    Exactly one row is in force: the one with `is_current`. The text is kept word for word, comments included.
    """

    __abstract__ = True

    number: Mapped[int | None]
    version: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    is_current: Mapped[bool] = mapped_column(default=False)
    author: Mapped[str] = mapped_column(Words(100))
    comment: Mapped[str] = mapped_column(LongWords, default="")
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


def _one_current(table: str) -> Index:
    return Index(
        f"uq_{table}_current",
        "is_current",
        unique=True,
        sqlite_where=text("is_current"),
        postgresql_where=text("is_current"),
    )


class MappingSetRow(DocumentColumns):
    """A version of the mapping set."""

    __tablename__ = "mapping_sets"
    __table_args__ = (_one_current("mapping_sets"),)


class PolicyRow(DocumentColumns):
    """A version of the policy."""

    __tablename__ = "policies"
    __table_args__ = (_one_current("policies"),)

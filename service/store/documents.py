"""Queries over mapping sets and policies: which version is in force, and putting a new one in force."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from service.store.models import DocumentColumns

LOCK = 731_520_467  # any number that nobody else on the server uses for an advisory lock
Row = TypeVar("Row", bound=DocumentColumns)


def current_document(tx: Session, kind: type[Row]) -> Row | None:
    """The version in force, or None where none was ever published."""
    return tx.scalar(select(kind).where(kind.is_current))


def lock_documents(tx: Session) -> None:
    """Keep others from publishing until the transaction ends. SQLite's writers are alone anyway."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def publish_document(
    tx: Session, kind: type[Row], *, version: str, text: str, author: str, comment: str, now: datetime
) -> Row:
    """Put a document in force as the next number. The one in force before stays in the history."""
    tx.execute(update(kind).where(kind.is_current).values(is_current=False))
    number = (tx.scalar(select(func.max(kind.number))) or 0) + 1
    row = kind(
        number=number,
        version=version,
        text=text,
        is_current=True,
        author=author,
        comment=comment,
        created_at=now,
        published_at=now,
    )
    tx.add(row)
    tx.flush()
    return row

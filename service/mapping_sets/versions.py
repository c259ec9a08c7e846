"""Published versions: the list of them, any one of them by its number, and what differs between two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import NothingSuch
from service.mapping_sets.kinds import KINDS, Difference, Kind
from service.store.documents import current_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version, without its text."""

    number: int
    version: str
    author: str
    comment: str
    published_at: datetime | None
    is_current: bool


def list_versions(tx: Session, kind: Kind) -> list[Version]:
    """Every published version, the newest first."""
    rows = KINDS[kind].rows
    columns = (rows.number, rows.version, rows.author, rows.comment, rows.published_at, rows.is_current)
    found = tx.execute(select(*columns).where(rows.number.is_not(None)).order_by(rows.number.desc()))
    return [
        Version(number=number or 0, version=version, author=author, comment=comment, published_at=at, is_current=now)
        for number, version, author, comment, at, now in found
    ]


def published(tx: Session, kind: Kind) -> Any:
    """The version in force, with its text. Raises NothingSuch where none was ever published."""
    row = current_document(tx, KINDS[kind].rows)
    if row is None:
        raise NothingSuch(f"No {KINDS[kind].label} was published yet.", remedy="Run any command once.")
    return row


def version_text(tx: Session, kind: Kind, number: int) -> str:
    """The text of a version, word for word. Raises NothingSuch."""
    rows = KINDS[kind].rows
    text = tx.scalar(select(rows.text).where(rows.number == number))
    if text is None:
        last = tx.scalar(select(rows.number).where(rows.number.is_not(None)).order_by(rows.number.desc()).limit(1))
        raise NothingSuch(
            f"There is no {KINDS[kind].label} number {number}.", remedy=f"The last one is number {last or 0}."
        )
    return text


def diff_texts(kind: Kind, old: str, new: str) -> tuple[Difference, ...]:
    """What differs between two documents, by names. Raises DocumentError for one that is not valid."""
    return KINDS[kind].differences(old, new)

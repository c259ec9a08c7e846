"""Queries over weekly reviews and the people who want them. None commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.bulk import table_of
from service.store.models import ConnectionRow, MessageState, ReviewLetterRow, ReviewRow, UserRow

OFF = "off"


def review_of(tx: Session, week: str) -> ReviewRow | None:
    """A week's review, or None where it was not made."""
    return tx.get(ReviewRow, week)


def all_reviews(tx: Session, *, limit: int = 520) -> Sequence[ReviewRow]:
    """The reviews that were made, the latest week first."""
    return tx.scalars(select(ReviewRow).order_by(ReviewRow.week.desc()).limit(limit)).all()


def keep_review(tx: Session, week: str, *, zone: str, made_at: datetime, content: dict[str, Any]) -> bool:
    """Keep a review, unless the week has one: then that one stands, and the answer is False."""
    is_postgresql = tx.get_bind().dialect.name == "postgresql"
    table = table_of(ReviewRow)
    insert = (postgresql.insert if is_postgresql else sqlite.insert)(table).on_conflict_do_nothing()
    row = {"week": week, "zone": zone, "made_at": made_at, "content": content}
    return bool(tx.scalars(insert.values([row]).returning(table.c.week)).all())


def readers(tx: Session) -> Sequence[UserRow]:
    """The active people who want the weekly review."""
    return tx.scalars(select(UserRow).where(UserRow.review != OFF, UserRow.is_active).order_by(UserRow.id)).all()


def latest_letter(tx: Session, user_id: int) -> ReviewLetterRow | None:
    """The last review that was to be sent to a person, and what became of it. Uses ix_review_letters_user_id."""
    newest = select(ReviewLetterRow).where(ReviewLetterRow.user_id == user_id).order_by(ReviewLetterRow.id.desc())
    return tx.scalars(newest.limit(1)).first()


def installation_zone(tx: Session) -> str:
    """Where the team lives: the zone of the connection that was there first."""
    return tx.scalar(select(ConnectionRow.zone).order_by(ConnectionRow.id).limit(1)) or "UTC"


def was_read_by(tx: Session, at: datetime) -> bool:
    """Whether a CRM that was read was connected by then: before that there is nothing to review."""
    there = exists().where(ConnectionRow.last_sync_at.is_not(None), ConnectionRow.created_at <= at)
    return bool(tx.scalar(select(there)))


def has_review_letters(tx: Session, now: datetime) -> bool:
    """Whether some are to be sent, or were left by a worker that is gone. Uses ix_review_letters_claim."""
    is_ready = and_(ReviewLetterRow.state == MessageState.READY, ReviewLetterRow.next_try_at <= now)
    is_left = and_(ReviewLetterRow.state == MessageState.SENDING, ReviewLetterRow.lease_until < now)
    return bool(tx.scalar(select(or_(exists().where(is_ready), exists().where(is_left)))))

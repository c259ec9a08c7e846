"""Letters of reviews that were refused or may not have arrived: listed, and sent again or given up by a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.messages.claim import WAITING, resent, stuck
from service.store.models import MessageState, ReviewLetterRow, UserRow
from service.store.people import record_action

KIND = "review"


def list_letters(tx: Session, *, states: Collection[MessageState] = WAITING) -> list[dict[str, Any]]:
    """The objects of `messages list --json` for reviews, oldest first. Their ids are told from those of messages."""
    query = (
        select(ReviewLetterRow, UserRow.email)
        .join(UserRow, UserRow.id == ReviewLetterRow.user_id)
        .where(ReviewLetterRow.state.in_(list(states)))
        .order_by(ReviewLetterRow.id)
    )
    return [
        {
            "id": f"{KIND}-{row.id}",
            "connection": None,
            "kind": KIND,
            "reader": email,
            "day": row.created_at.date().isoformat(),
            "week": row.week,
            "channel": row.channel,
            "state": row.state,
            "attempts": row.attempts,
            "error": row.error,
        }
        for row, email in tx.execute(query)
    ]


def resend_letters(tx: Session, ids: Collection[int], *, who: str, now: datetime) -> int:
    """Have these sent again, although their readers may have them already. Returns how many.

    Asked for again, a review is news again: its time counts from now on.
    """
    return _change(tx, ids, {**resent(now), "created_at": now}, "sent again", who=who, now=now)


def give_up_letters(tx: Session, ids: Collection[int], *, who: str, now: datetime) -> int:
    """Have these not sent; the review is at its page. Returns how many."""
    values = {"state": MessageState.DROPPED, "error": f"Given up by {who}."}
    return _change(tx, ids, values, "given up", who=who, now=now)


def _change(tx: Session, ids: Collection[int], values: dict[str, Any], says: str, *, who: str, now: datetime) -> int:
    rows = stuck(tx, ReviewLetterRow, ids)
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
        record_action(tx, who=who, what="weekly review", subject=row.week, says=f"Letter {row.id}: {says}.", now=now)
    tx.flush()
    return len(rows)

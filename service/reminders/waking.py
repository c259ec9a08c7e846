"""Finding the reminders that somebody has to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from service.reminders.mornings import Mornings
from service.reminders.states import STANDING
from service.store.models import EpisodeRow, ReminderRow

_Found = Row[int, date | None, date, str | None]


def load_ids_to_act_on(
    tx: Session,
    connection_id: int,
    mornings: Mornings,
    *,
    ahead: int | None,
    today: date,
    limit: int,
    after: int = 0,
) -> list[int]:
    """Reminders to look at, in the order of their ids.

    One that waits for the day on which its task is written (`ahead` days before it is due) is left alone until that
    day's morning has come for its rep, or every look in between would be for nothing.
    """
    found: list[int] = []
    while len(found) < limit:
        rows = _load_rows(tx, connection_id, today=today, limit=limit, after=after)
        found += [row.id for row in rows if ahead is None or not _waits(row, mornings, timedelta(days=ahead))]
        if len(rows) < limit:
            break
        after = rows[-1].id
    return found[:limit]


def _load_rows(tx: Session, connection_id: int, *, today: date, limit: int, after: int) -> Sequence[_Found]:
    """Uses ix_reminders_act."""
    statement = (
        select(ReminderRow.id, ReminderRow.act_on, ReminderRow.due_on, ReminderRow.owner_id)
        .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
        .where(
            ReminderRow.connection_id == connection_id,
            ReminderRow.act_on <= today,
            ReminderRow.id > after,
            ReminderRow.state.in_(STANDING),
            EpisodeRow.ended_as.is_(None),
        )
        .order_by(ReminderRow.id)
        .limit(limit)
    )
    return tx.execute(statement).all()


def _waits(row: _Found, mornings: Mornings, ahead: timedelta) -> bool:
    return row.act_on is not None and mornings.of(row.owner_id) < row.act_on == row.due_on - ahead

"""Finding the reminders that somebody has to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from service.reminders.mornings import Mornings
from service.reminders.states import STANDING
from service.store.models import EpisodeRow, ReminderRow

_Found = Row[int, date | None, date, str | None]
Place = tuple[date, int]
"""How far a look has come: the day to look on, and the id among those of one day."""
START: Place = (date.min, 0)


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """Reminders to look at, and where the next ones begin; None: there are none after these."""

    ids: tuple[int, ...] = ()
    after: Place | None = None


def load_to_look_at(
    tx: Session,
    connection_id: int,
    mornings: Mornings,
    *,
    ahead: int | None,
    today: date,
    limit: int,
    after: Place = START,
) -> ToLookAt:
    """Reminders to look at, the longest waiting first.

    One that waits for the day on which its task is written (`ahead` days before it is due) is left alone until that
    day's morning has come for its rep, or every look in between would be for nothing.
    """
    found: list[int] = []
    while True:
        rows = _load_rows(tx, connection_id, today=today, limit=limit, after=after)
        for row in rows:
            after = (row.act_on or today, row.id)
            if ahead is None or not _waits(row, mornings, timedelta(days=ahead)):
                found.append(row.id)
            if len(found) == limit:
                return ToLookAt(tuple(found), after)
        if len(rows) < limit:
            return ToLookAt(tuple(found), None)


def _load_rows(tx: Session, connection_id: int, *, today: date, limit: int, after: Place) -> Sequence[_Found]:
    """Uses ix_reminders_act."""
    day, id_ = after
    statement = (
        select(ReminderRow.id, ReminderRow.act_on, ReminderRow.due_on, ReminderRow.owner_id)
        .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
        .where(
            ReminderRow.connection_id == connection_id,
            ReminderRow.act_on <= today,
            ReminderRow.act_on >= day,
            or_(ReminderRow.act_on > day, ReminderRow.id > id_),
            ReminderRow.state.in_(STANDING),
            EpisodeRow.ended_as.is_(None),
        )
        .order_by(ReminderRow.act_on, ReminderRow.id)
        .limit(limit)
    )
    return tx.execute(statement).all()


def _waits(row: _Found, mornings: Mornings, ahead: timedelta) -> bool:
    return row.act_on is not None and mornings.of(row.owner_id) < row.act_on == row.due_on - ahead

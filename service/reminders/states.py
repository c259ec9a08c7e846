"""Which changes of a reminder's state are allowed, and the one place that makes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.events import Event, save_events
from service.store.models import PlanRow, ReminderRow
from service.store.models import ReminderState as S

ENDS = frozenset({S.DONE, S.CANCELLED, S.SKIPPED})
ALLOWED: Mapping[str, frozenset[str]] = {
    S.HELD: frozenset({S.SCHEDULED}) | ENDS,
    S.SCHEDULED: frozenset({S.HELD, S.DUE, S.SNOOZED, S.FAILED}) | ENDS,
    S.DUE: frozenset({S.HELD, S.SCHEDULED, S.SNOOZED, S.FAILED}) | ENDS,
    S.SNOOZED: frozenset({S.HELD, S.SCHEDULED, S.DUE, S.SNOOZED, S.FAILED}) | ENDS,
    S.FAILED: frozenset({S.HELD, S.SCHEDULED, S.DUE}) | ENDS,
    # A rule ended it; the plan, or an undo, may bring it back under the same key.
    S.SKIPPED: frozenset({S.HELD, S.SCHEDULED}),
    # A person or the deal ended it: for good.
    S.DONE: frozenset(),
    S.CANCELLED: frozenset(),
}
STANDING = (S.SCHEDULED, S.DUE, S.SNOOZED)
"""States in which a reminder may have a task in the CRM, or get one."""


def move(
    tx: Session,
    connection_id: int,
    whys: Mapping[int, str],
    to: S,
    *,
    who: str,
    now: datetime,
    **values: Any,
) -> frozenset[int]:
    """Bring reminders into one state, with a reason each. Returns the ids that moved; the others may not, and stay."""
    if not whys:
        return frozenset()
    # The lock keeps another worker's move from slipping in between the look and the change.
    found = tx.execute(
        select(ReminderRow.id, ReminderRow.state)
        .where(among(ReminderRow.id, whys))
        .order_by(ReminderRow.id)
        .with_for_update()
    )
    movable = {row.id: row.state for row in found if to in ALLOWED[row.state]}
    if movable:
        tx.execute(
            update(ReminderRow).where(among(ReminderRow.id, movable)).values(state=to, updated_at=now, **values),
            execution_options={"synchronize_session": False},
        )
    events = [
        Event(entity="reminder", entity_id=id_, from_state=state, to_state=to, why=whys[id_])
        for id_, state in movable.items()
    ]
    if to in {S.DONE, S.SKIPPED}:
        events += _last_steps(tx, movable)
    save_events(tx, connection_id, events, who=who, now=now)
    return frozenset(movable)


def _last_steps(tx: Session, reminder_ids: Collection[int]) -> list[Event]:
    """A line for each episode that has nothing left to come."""
    over = select(ReminderRow.episode_id).where(among(ReminderRow.id, reminder_ids))
    lasting = select(ReminderRow.episode_id).where(
        ReminderRow.episode_id.in_(over), ReminderRow.state.not_in(list(ENDS))
    )
    ended = tx.scalars(over.where(ReminderRow.episode_id.not_in(lasting)).distinct()).all()
    coming = _with_later(tx, ended)
    return [
        Event(entity="episode", entity_id=id_, from_state=None, to_state="followed_up", why="No further follow-up.")
        for id_ in ended
        if id_ not in coming
    ]


def _with_later(tx: Session, episode_ids: Collection[int]) -> set[int]:
    """The episodes with planned steps that are too far off to have entered the queue."""
    plans = {
        row.episode_id: row.record.get("later")
        for row in tx.execute(select(PlanRow.episode_id, PlanRow.record).where(among(PlanRow.episode_id, episode_ids)))
    }
    plans = {id_: later for id_, later in plans.items() if later}
    if not plans:
        return set()
    entered = {
        (row.episode_id, row.purpose, row.ordinal)
        for row in tx.execute(
            select(ReminderRow.episode_id, ReminderRow.purpose, ReminderRow.ordinal).where(
                among(ReminderRow.episode_id, plans)
            )
        )
    }
    return {
        id_
        for id_, later in plans.items()
        if any((id_, step["purpose"], step["ordinal"]) not in entered for step in later)
    }

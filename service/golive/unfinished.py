"""A go-live that was stopped in the middle: nothing of it was written, and all of it is taken back before the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.errors import RekindleError
from service.outbox.claim import set_connection_state
from service.reminders.backlog import RELEASED
from service.reminders.desk import SENSED
from service.reminders.sense import OPTED_OUT
from service.reminders.standing import forget_unsent
from service.reminders.states import STANDING, move
from service.store.connections import GO_LIVE, drop_health, note_health
from service.store.events import Event, save_events
from service.store.models import (
    ConnectionRow,
    ConnectionState,
    EventRow,
    OutboxKind,
    OutboxRow,
    OutboxState,
    ReminderRow,
    ReminderState,
)
from service.store.reminders import lock_connection
from service.store.session import Store

GONE_LIVE = "Gone live."
WHY = "A go-live was stopped in the middle, and begins anew."
BATCH = 1000
_PLAIN = {"synchronize_session": False}


def begin(tx: Session, connection: ConnectionRow, *, now: datetime) -> None:
    """Remember where this go-live begins. Until it ends nothing is written, so a live connection is held."""
    mark = {
        "event": tx.scalar(select(func.max(EventRow.id))) or 0,
        "row": tx.scalar(select(func.max(OutboxRow.id))) or 0,
        "began_at": now.isoformat(),
    }
    _save(tx, connection, mark)
    says = f"A go-live began at {now:%H:%M} UTC and is not over: nothing is written. If it was stopped, run it again."
    note_health(tx, connection.id, GO_LIVE, ok=False, says=says)
    if connection.state == ConnectionState.LIVE:
        why = "Nothing is written until the go-live that begins now is over."
        set_connection_state(tx, connection, ConnectionState.HOLD, why=why, who="admin", now=now)


def first_row(connection: ConnectionRow) -> int:
    """The last outbox row before this go-live. Raises RekindleError where somebody put the connection on hold since."""
    mark = connection.going_live or {"is_held": True}
    if mark.get("is_held"):
        raise RekindleError(
            f"{connection.name} was put on hold while it was going live; nothing of it is written.",
            remedy=f"Run `rekindle go-live {connection.name}` again when it may write.",
        )
    return int(mark["row"])


def end(tx: Session, connection: ConnectionRow) -> None:
    """It is over."""
    _save(tx, connection, None)
    drop_health(tx, connection.id, GO_LIVE)


def take_back(store: Store, connection_id: int, *, now: datetime) -> None:
    """Bring what an unfinished go-live scheduled back to where it was. Resumable itself."""
    with store.read() as tx:
        mark = tx.get_one(ConnectionRow, connection_id).going_live
    if mark is None:
        return
    for entity, why in (("reminder", RELEASED), ("episode", GONE_LIVE)):
        after = 0
        while ids := _noted(store, connection_id, mark, entity, why, after):
            after = ids[-1]
            with store.begin() as tx:
                lock_connection(tx, connection_id)
                _hold_again(tx, connection_id, _reminders(tx, entity, ids), is_backlog=why == RELEASED, now=now)
    with store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        tx.execute(
            update(OutboxRow)
            .where(
                OutboxRow.connection_id == connection_id,
                OutboxRow.id > mark["row"],
                OutboxRow.kind == OutboxKind.WRITE_FIELDS,
                OutboxRow.state == OutboxState.READY,
                OutboxRow.is_planned,
                ~OutboxRow.is_undo,
            )
            .values(state=OutboxState.DISCARDED, done_at=now, error=WHY),
            execution_options=_PLAIN,
        )
        end(tx, connection)


def note_episodes(tx: Session, connection_id: int, episode_ids: Collection[int], *, now: datetime) -> None:
    """Remember whose follow-ups this go-live schedules: none of them stood before."""
    events = [
        Event(entity="episode", entity_id=id_, from_state=None, to_state="live", why=GONE_LIVE) for id_ in episode_ids
    ]
    save_events(tx, connection_id, events, who="admin", now=now)


def _reminders(tx: Session, entity: str, ids: Collection[int]) -> list[int]:
    if entity == "reminder":
        return list(ids)
    return list(tx.scalars(select(ReminderRow.id).where(ReminderRow.episode_id.in_(ids))))


def _noted(store: Store, connection_id: int, mark: Mapping[str, Any], entity: str, why: str, after: int) -> list[int]:
    with store.read() as tx:
        statement = (
            select(EventRow.entity_id)
            .where(
                EventRow.connection_id == connection_id,
                EventRow.id > mark["event"],
                EventRow.entity == entity,
                EventRow.why == why,
                EventRow.entity_id > after,
            )
            .distinct()
            .order_by(EventRow.entity_id)
            .limit(BATCH)
        )
        return list(tx.scalars(statement))


def _hold_again(tx: Session, connection_id: int, ids: Collection[int], *, is_backlog: bool, now: datetime) -> None:
    forget_unsent(tx, ids, why=WHY, now=now)
    sensed = (ReminderRow.state == ReminderState.SKIPPED) & ReminderRow.rule.in_((*SENSED, OPTED_OUT))
    mine = tx.scalars(
        select(ReminderRow.id).where(ReminderRow.id.in_(ids), ReminderRow.state.in_(STANDING) | sensed)
    ).all()
    rule = "backlog" if is_backlog else "hold"
    values = {"rule": rule, "is_backlog": is_backlog, "act_on": None, "is_placed": False, "is_pinned": False}
    move(tx, connection_id, dict.fromkeys(mine, WHY), ReminderState.HELD, who="rekindle", now=now, **values)


def _save(tx: Session, connection: ConnectionRow, mark: Mapping[str, Any] | None) -> None:
    tx.execute(
        update(ConnectionRow).where(ConnectionRow.id == connection.id).values(going_live=mark),
        execution_options=_PLAIN,
    )
    tx.refresh(connection)

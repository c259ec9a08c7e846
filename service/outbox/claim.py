"""Claiming writes: a batch becomes this worker's, and what is in flight is on record before anything is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from connectors.errors import ConnectorFault
from service.outbox.build import Claimed, build
from service.outbox.in_flight import save_in_flight
from service.outbox.settings import OutboxSettings
from service.outbox.stops import FIELDS, TASKS, closed_groups, kinds_of, stops_of
from service.store.connections import CREDENTIALS, drop_health, note_health
from service.store.events import Event, save_events
from service.store.models import (
    ConnectionRow,
    ConnectionState,
    OutboxRow,
    OutboxState,
)
from service.store.outbox import UNFINISHED, count_unplanned, may_be_tried
from service.store.reminders import lock_connection

LEFT = "lease_expired"
SUSPECT_AFTER = 3
"""After so many tries, the last of which its worker did not survive, a write may be one that kills: it goes alone."""
_PLAIN = {"synchronize_session": False}
_FRESH = {"populate_existing": True}


def may_write(tx: Session, connection_id: int, *, now: datetime, settings: OutboxSettings) -> ConnectionRow:
    """The connection, locked; put on hold here where too many unplanned writes came within an hour."""
    connection = lock_connection(tx, connection_id)
    if connection.state != ConnectionState.LIVE:
        return connection
    count = count_unplanned(tx, connection_id, since=now - timedelta(hours=1))
    if count > settings.brake:
        why = (
            f"{count} unplanned writes within an hour: put on hold. Look at `rekindle outbox list`, "
            f"then let it write again with `rekindle go-live {connection.name}`."
        )
        set_connection_state(tx, connection, ConnectionState.HOLD, why=why, who="rekindle", now=now)
    return connection


def set_connection_state(
    tx: Session, connection: ConnectionRow, to: ConnectionState, *, why: str, who: str, now: datetime
) -> None:
    """Change whether a connection may write, and say so."""
    before = connection.state
    if before == to:
        return
    values: dict[str, Any] = {"state": to}
    if to == ConnectionState.RECONNECT:
        values["state_before_reconnect"] = before
    tx.execute(
        update(ConnectionRow).where(ConnectionRow.id == connection.id).values(**values), execution_options=_PLAIN
    )
    if to == ConnectionState.RECONNECT:
        note_health(tx, connection.id, CREDENTIALS, ok=False, says=why)
    else:
        drop_health(tx, connection.id, CREDENTIALS)
    tx.refresh(connection)
    event = Event(entity="connection", entity_id=connection.id, from_state=before, to_state=to, why=why)
    save_events(tx, connection.id, [event], who=who, now=now)


def expire_leases(tx: Session, connection_id: int, *, now: datetime, settings: OutboxSettings) -> int:
    """Writes whose worker is gone: they may have happened. To be looked for once no answer can arrive any more."""
    expired = tx.execute(
        select(OutboxRow.id, OutboxRow.lease_until)
        .where(
            OutboxRow.connection_id == connection_id,
            OutboxRow.state == OutboxState.WRITING,
            # Later than any lease can end: it was taken before the clock was set back.
            or_(OutboxRow.lease_until < now, OutboxRow.lease_until > now + 2 * settings.lease),
        )
        .with_for_update()
    ).all()
    rows = [
        {
            "id": row.id,
            "state": OutboxState.UNCLEAR,
            "next_try_at": min(row.lease_until or now, now) + settings.look_after,
            "lease_until": None,
            "error": "The worker stopped while writing.",
            "error_reason": LEFT,
        }
        for row in expired
    ]
    if rows:
        tx.execute(update(OutboxRow), rows)
    return len(rows)


def claim(
    tx: Session, connection: ConnectionRow, *, now: datetime, settings: OutboxSettings
) -> tuple[list[Claimed], int]:
    """A batch of writes that are due, in order, and how many could not be built any more (they are discarded).

    On hold only what takes something back is claimed. What another worker took in between is not returned.
    """
    if connection.state == ConnectionState.RECONNECT:
        return [], 0
    ids = _ready_ids(tx, connection, now=now, limit=settings.batch_size)
    if not ids:
        return [], 0
    statement = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids), OutboxRow.state == OutboxState.READY)
        .values(
            state=OutboxState.WRITING,
            attempts=OutboxRow.attempts + 1,
            attempted_at=now,
            lease_until=now + settings.lease,
        )
        .returning(OutboxRow.id)
    )
    taken = list(tx.scalars(statement, execution_options=_PLAIN))
    claimed, hopeless = build(tx, connection, taken, now=now)
    if hopeless:
        tx.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(hopeless))
            .values(state=OutboxState.DISCARDED, done_at=now, error="There is no task of ours to change any more."),
            execution_options=_PLAIN,
        )
    save_in_flight(tx, connection, claimed, now=now)
    return claimed, len(hopeless)


def _ready_ids(tx: Session, connection: ConnectionRow, *, now: datetime, limit: int) -> list[int]:
    """Uses ix_outbox_claim. A row waits for the earlier ones of its reminder, or of its deal's fields.

    Writes that a connector may have failed on, or that workers died over, come last and one at a time, so that they
    hold up no other.
    """
    earlier = aliased(OutboxRow)
    is_before = and_(earlier.id < OutboxRow.id, earlier.state.in_(UNFINISHED))
    same_task = exists().where(earlier.reminder_id == OutboxRow.reminder_id, is_before)
    same_fields = and_(
        OutboxRow.reminder_id.is_(None),
        exists().where(earlier.deal_id == OutboxRow.deal_id, earlier.kind == OutboxRow.kind, is_before),
    )
    statement = (
        select(OutboxRow.id)
        .where(
            OutboxRow.connection_id == connection.id,
            OutboxRow.state == OutboxState.READY,
            may_be_tried(now),
            ~same_task,
            ~same_fields,
        )
        .order_by(OutboxRow.id)
    )
    if connection.state != ConnectionState.LIVE:
        statement = statement.where(OutboxRow.is_undo)
    if stops := stops_of(connection):
        return _ready_beside_stops(tx, connection, statement, set(stops), now=now, limit=limit)
    reason = func.coalesce(OutboxRow.error_reason, "")
    is_suspect = or_(reason == ConnectorFault.reason, and_(reason == LEFT, OutboxRow.attempts >= SUSPECT_AFTER))
    others = statement.where(~is_suspect).limit(limit)
    # The one at fault has been tried most often.
    suspects = statement.where(is_suspect).order_by(None).order_by(OutboxRow.attempts, OutboxRow.id).limit(1)
    return list(tx.scalars(others)) or list(tx.scalars(suspects))


def _ready_beside_stops(
    tx: Session,
    connection: ConnectionRow,
    statement: Select[int],
    stopped: set[str],
    *,
    now: datetime,
    limit: int,
) -> list[int]:
    """What is ready of the groups that are not stopped; of a stopped one whose time has come, one that asks."""
    closed = closed_groups(connection, now)
    found: list[int] = []
    for group in (TASKS, FIELDS):
        if group not in closed:
            most = 1 if group in stopped else limit
            found += tx.scalars(statement.where(OutboxRow.kind.in_(kinds_of(group))).limit(most))
    return found

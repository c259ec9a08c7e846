"""What waits in the outbox, and its dead letters: listed, tried again, or given up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.reminders.states import move
from service.store.events import Event, save_events
from service.store.models import (
    ConnectionRow,
    DealRow,
    FieldWriteRow,
    OutboxKind,
    OutboxRow,
    OutboxState,
    ReminderRow,
    ReminderState,
)
from service.store.reminders import wake_ended

WAITING = (OutboxState.READY, OutboxState.WRITING, OutboxState.UNCLEAR, OutboxState.DEAD)
_FIRST_WRITES = (OutboxKind.CREATE_TASK, OutboxKind.REOPEN_TASK)
_PLAIN = {"synchronize_session": False}


def list_outbox(
    tx: Session,
    *,
    connection_id: int | None = None,
    states: Collection[OutboxState] = WAITING,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """The objects of `outbox list --json`, oldest first."""
    statement = (
        select(OutboxRow, ConnectionRow.name, DealRow.crm_deal_id)
        .join(ConnectionRow, ConnectionRow.id == OutboxRow.connection_id)
        .outerjoin(ReminderRow, ReminderRow.id == OutboxRow.reminder_id)
        .outerjoin(DealRow, DealRow.id == func.coalesce(OutboxRow.deal_id, ReminderRow.deal_id))
        .where(OutboxRow.state.in_(list(states)))
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    if connection_id is not None:
        statement = statement.where(OutboxRow.connection_id == connection_id)
    return [
        {
            "id": row.id,
            "connection": name,
            "kind": row.kind,
            "state": row.state,
            "attempts": row.attempts,
            "error": row.error,
            "reason": row.error_reason,
            "deal_id": deal_id,
            "next_try_at": row.next_try_at.isoformat(),
        }
        for row, name, deal_id in tx.execute(statement)
    ]


def retry_letters(
    tx: Session, *, ids: Collection[int] | None = None, connection_id: int | None = None, who: str, now: datetime
) -> int:
    """Try dead letters again (all of them without ids), as soon as the outbox is drained. Returns how many."""
    rows = _dead(tx, ids, connection_id)
    if not rows:
        return 0
    tx.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_([row.id for row in rows]))
        .values(state=OutboxState.READY, next_try_at=now, error=None, error_reason=None),
        execution_options=_PLAIN,
    )
    for one_id, group in _by_connection(rows).items():
        _say(tx, one_id, group, OutboxState.READY, "Tried again.", who=who, now=now)
        whys = {row.reminder_id: "Tried again." for row in group if row.reminder_id and row.kind in _FIRST_WRITES}
        move(tx, one_id, whys, ReminderState.SCHEDULED, who=who, now=now)
    return len(rows)


def discard_letters(
    tx: Session,
    *,
    ids: Collection[int] | None = None,
    connection_id: int | None = None,
    who: str,
    today: date,
    now: datetime,
) -> int:
    """Give up dead letters (all of them without ids): a task never written is cancelled, the next step follows."""
    rows = _dead(tx, ids, connection_id)
    if not rows:
        return 0
    why = f"Given up by {who}."
    tx.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_([row.id for row in rows]))
        .values(state=OutboxState.DISCARDED, done_at=now),
        execution_options=_PLAIN,
    )
    for one_id, group in _by_connection(rows).items():
        _say(tx, one_id, group, OutboxState.DISCARDED, why, who=who, now=now)
        whys = {row.reminder_id: why for row in group if row.reminder_id and row.kind in _FIRST_WRITES}
        ended = move(tx, one_id, whys, ReminderState.CANCELLED, who=who, now=now, rule="discarded", act_on=None)
        wake_ended(tx, one_id, ended, today=today)
        fields = [row.deal_id for row in group if row.kind == OutboxKind.WRITE_FIELDS]
        tx.execute(
            update(FieldWriteRow).where(FieldWriteRow.deal_id.in_(fields)).values(is_in_flight=False, in_flight=None),
            execution_options=_PLAIN,
        )
    return len(rows)


def _dead(tx: Session, ids: Collection[int] | None, connection_id: int | None) -> list[OutboxRow]:
    # Locks are taken in one order everywhere: the connection, then its rows.
    locks = select(ConnectionRow.id).order_by(ConnectionRow.id).with_for_update(key_share=True)
    tx.execute(locks if connection_id is None else locks.where(ConnectionRow.id == connection_id))
    statement = select(OutboxRow).where(OutboxRow.state == OutboxState.DEAD).order_by(OutboxRow.id).with_for_update()
    if ids is not None:
        statement = statement.where(OutboxRow.id.in_(ids))
    if connection_id is not None:
        statement = statement.where(OutboxRow.connection_id == connection_id)
    return list(tx.scalars(statement, execution_options={"populate_existing": True}))


def _by_connection(rows: Collection[OutboxRow]) -> dict[int, list[OutboxRow]]:
    groups: dict[int, list[OutboxRow]] = {}
    for row in rows:
        groups.setdefault(row.connection_id, []).append(row)
    return groups


def _say(
    tx: Session,
    connection_id: int,
    rows: Collection[OutboxRow],
    to: OutboxState,
    why: str,
    *,
    who: str,
    now: datetime,
) -> None:
    events = [
        Event(entity="outbox", entity_id=row.id, from_state=OutboxState.DEAD, to_state=to, why=why) for row in rows
    ]
    save_events(tx, connection_id, events, who=who, now=now)

"""Writes that are given up: the events that say so, and what becomes of the follow-ups they were for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from service.clock import today_in
from service.reminders.states import move
from service.store.apart import what_failed
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, FieldWriteRow, OutboxKind, OutboxRow, OutboxState, ReminderState
from service.store.outbox import discard_unsent
from service.store.reminders import wake_ended

FIRST_WRITES = (OutboxKind.CREATE_TASK, OutboxKind.REOPEN_TASK)
_PLAIN = {"synchronize_session": False}


def save_dead(
    tx: Session,
    connection: ConnectionRow,
    rows: Mapping[int, str],
    reminders: Mapping[int, str],
    *,
    who: str,
    now: datetime,
) -> None:
    """The events of rows that were given up, by id with why, and the end of the reminders whose task they were."""
    move(tx, connection.id, reminders, ReminderState.FAILED, who=who, now=now, act_on=None)
    kinds = (OutboxKind.UPDATE_TASK, OutboxKind.CLOSE_TASK)
    discard_unsent(tx, reminders, why="The task was never written.", now=now, kinds=kinds)
    events = [
        Event(entity="outbox", entity_id=id_, from_state=OutboxState.WRITING, to_state=OutboxState.DEAD, why=why)
        for id_, why in rows.items()
    ]
    save_events(tx, connection.id, events, who=who, now=now)
    if reminders:
        wake_ended(tx, connection.id, set(reminders), today=today_in(connection.zone, now))


def give_up_unreadable(
    tx: Session, connection: ConnectionRow, found: Mapping[int, tuple[OutboxRow, Exception]], *, now: datetime
) -> None:
    """Rows that our own code cannot read become dead letters, or they would keep all others from being claimed."""
    if not found:
        return
    whys = {id_: f"It was not written: {what_failed(error)}" for id_, (_, error) in found.items()}
    for id_, why in whys.items():
        dead = {"state": OutboxState.DEAD, "lease_until": None, "error": why, "error_reason": "our_fault"}
        tx.execute(update(OutboxRow).where(OutboxRow.id == id_).values(**dead), execution_options=_PLAIN)
    deals = [row.deal_id for row, _ in found.values() if row.kind == OutboxKind.WRITE_FIELDS]
    tx.execute(
        update(FieldWriteRow)
        .where(FieldWriteRow.deal_id.in_(deals), FieldWriteRow.is_in_flight)
        .values(is_in_flight=False, in_flight=None),
        execution_options=_PLAIN,
    )
    reminders = {
        row.reminder_id: whys[id_]
        for id_, (row, _) in found.items()
        if row.reminder_id is not None and row.kind in FIRST_WRITES
    }
    save_dead(tx, connection, whys, reminders, who="rekindle", now=now)

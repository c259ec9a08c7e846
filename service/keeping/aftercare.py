"""After a restore: what the database believes may be older than what stands in the CRMs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.outbox.claim import set_connection_state
from service.store.models import (
    ConnectionRow,
    ConnectionState,
    MessageRow,
    MessageState,
    OutboxKind,
    OutboxRow,
    OutboxState,
)
from service.store.outbox import UNFINISHED
from service.store.sealed import sealed_columns

WHY = "Restored from a backup: what was written since is looked for before anything is written."
_PLAIN = {"synchronize_session": False}


def after_restore(tx: Session, *, now: datetime) -> tuple[str, ...]:
    """Put every connection on hold, and have it look for its tasks before it writes any. Their names."""
    for connection in tx.scalars(select(ConnectionRow).order_by(ConnectionRow.name)):
        _hold(tx, connection, now=now)
    # Fields are compared with what stands there now; a task is looked for by its key whenever it is to be written.
    _set(tx, OutboxRow.kind == OutboxKind.WRITE_FIELDS, OutboxRow.state == OutboxState.READY, values=_UNSURE | _at(now))
    why = "Restored from a backup: undo it again."
    values = {"state": OutboxState.DISCARDED, "error": why, "done_at": now, "lease_until": None}
    _set(tx, OutboxRow.is_undo, OutboxRow.state.in_(UNFINISHED), values=values)
    tx.execute(
        update(MessageRow)
        .where(MessageRow.state.in_((MessageState.READY, MessageState.SENDING)))
        .values(state=MessageState.DROPPED, done_at=now, lease_until=None),
        execution_options=_PLAIN,
    )
    return tuple(tx.scalars(select(ConnectionRow.name).order_by(ConnectionRow.name)))


def forget_secrets(tx: Session) -> None:
    """Leave out what nobody can read: credentials are entered anew with `rekindle connect`."""
    for table, column in sealed_columns():
        if column.nullable:
            tx.execute(update(table).values({column.name: None}))


def _hold(tx: Session, connection: ConnectionRow, *, now: datetime) -> None:
    values: dict[str, Any] = {
        "remembers_since": now,
        "sync_leased_until": None,
        "sync_leased_by": None,
        "token_leased_until": None,
        "token_leased_by": None,
    }
    if connection.going_live:  # it would be let write at its end
        values["going_live"] = {**connection.going_live, "is_held": True}
    if connection.state == ConnectionState.RECONNECT:
        values["state_before_reconnect"] = ConnectionState.HOLD
    tx.execute(update(ConnectionRow).where(ConnectionRow.id == connection.id).values(**values))
    if connection.state == ConnectionState.LIVE:
        set_connection_state(tx, connection, ConnectionState.HOLD, why=WHY, who="restore", now=now)


_UNSURE = {"state": OutboxState.UNCLEAR, "error": WHY, "error_reason": "restored"}


def _at(now: datetime) -> dict[str, Any]:
    return {"next_try_at": now}


def _set(tx: Session, *where: Any, values: dict[str, Any]) -> None:
    tx.execute(update(OutboxRow).where(*where).values(**values), execution_options=_PLAIN)

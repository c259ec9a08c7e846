"""What waits in the inbox, and its dead letters: listed, tried again, or given up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from service.store.events import Event, save_events
from service.store.models import ConnectionRow, InboxRow, InboxState

WAITING = (InboxState.PENDING, InboxState.WORKING, InboxState.DEAD)
Range = tuple[int, int]
"""From one row id to another, both included."""
_PLAIN = {"synchronize_session": False}


def list_inbox(
    tx: Session,
    *,
    connection_id: int | None = None,
    states: Collection[InboxState] = WAITING,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """The objects of `inbox list --json`, oldest first."""
    query = select(InboxRow, ConnectionRow.name).join(ConnectionRow, ConnectionRow.id == InboxRow.connection_id)
    query = query.where(InboxRow.state.in_(list(states))).order_by(InboxRow.id).limit(limit)
    if connection_id is not None:
        query = query.where(InboxRow.connection_id == connection_id)
    return [
        {
            "id": row.id,
            "connection": name,
            "kind": row.kind,
            "state": row.state,
            "attempts": row.attempts,
            "error": row.error,
            "reason": row.error_reason,
            "deal_id": row.deal_id,
            "received_at": row.received_at.isoformat(),
            "next_try_at": row.next_try_at.isoformat(),
        }
        for row, name in tx.execute(query)
    ]


def retry_inbox(tx: Session, *, ranges: Sequence[Range] = (), who: str, now: datetime) -> int:
    """Try dead letters again (all of them without ranges), and at once those that are put off. Returns how many."""
    put_off = (InboxRow.state == InboxState.PENDING) & (InboxRow.next_try_at > now)
    # A letter that died has used up its tries: they are counted from the start again.
    values = {"state": InboxState.PENDING, "next_try_at": now, "attempts": 0, "deaths": 0}
    values |= {"error": None, "error_reason": None}
    return _change(tx, put_off | _is_dead(), ranges, values, "Tried again.", who=who, now=now)


def discard_inbox(tx: Session, *, ranges: Sequence[Range] = (), who: str, now: datetime) -> int:
    """Give up dead letters (all of them without ranges): their deals are left to the next sync. Returns how many."""
    values = {"state": InboxState.DISCARDED, "done_at": now}
    return _change(tx, _is_dead(), ranges, values, f"Given up by {who}.", who=who, now=now)


def of_connection(tx: Session, connection_id: int, ids: Collection[int]) -> list[int]:
    """Those of the letters that are this connection's."""
    mine = select(InboxRow.id).where(InboxRow.connection_id == connection_id, InboxRow.id.in_(ids))
    return list(tx.scalars(mine.order_by(InboxRow.id)))


def _is_dead() -> ColumnElement[bool]:
    return InboxRow.state == InboxState.DEAD


def _change(
    tx: Session,
    which: ColumnElement[bool],
    ranges: Sequence[Range],
    values: dict[str, Any],
    why: str,
    *,
    who: str,
    now: datetime,
) -> int:
    named = or_(*(InboxRow.id.between(first, last) for first, last in ranges)) if ranges else which
    query = select(InboxRow.id, InboxRow.connection_id, InboxRow.state).where(which, named).with_for_update()
    rows = tx.execute(query).all()
    tx.execute(update(InboxRow).where(which, named).values(**values), execution_options=_PLAIN)
    for connection_id in {row.connection_id for row in rows}:
        events = [
            Event(entity="inbox", entity_id=row.id, from_state=row.state, to_state=values["state"], why=why)
            for row in rows
            if row.connection_id == connection_id
        ]
        save_events(tx, connection_id, events, who=who, now=now)
    return len(rows)

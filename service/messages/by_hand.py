"""Messages that nobody knows the fate of, or that were refused: shown, and sent again or given up by a person.

A message is never sent twice by itself. Whether a rep got it can be asked of the rep, and then it is a person's choice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from service.messages.claim import STUCK, WAITING, resent, stuck
from service.store.connections import MESSAGES, drop_health, note_health
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, MessageRow, MessageState, OwnerRow

ASKED_BY = "asked_by"
"""In what a message holds: who had it sent again. Then it goes out on another day than its own too."""


def list_messages(tx: Session, *, states: Collection[MessageState] = WAITING) -> list[dict[str, Any]]:
    """The objects of `messages list --json`, oldest first."""
    query = (
        select(MessageRow, ConnectionRow.name, OwnerRow.name.label("reader"))
        .join(ConnectionRow, ConnectionRow.id == MessageRow.connection_id)
        .outerjoin(
            OwnerRow,
            (OwnerRow.connection_id == MessageRow.connection_id) & (OwnerRow.owner_id == MessageRow.owner_id),
        )
        .where(MessageRow.state.in_(list(states)))
        .order_by(MessageRow.id)
    )
    return [
        {
            "id": row.id,
            "connection": name,
            "kind": row.kind,
            "reader": reader or row.owner_id,
            "day": row.day.isoformat(),
            "channel": row.channel,
            "state": row.state,
            "attempts": row.attempts,
            "error": row.error,
        }
        for row, name, reader in tx.execute(query)
    ]


def resend(tx: Session, ids: Collection[int], *, who: str, now: datetime) -> int:
    """Have these sent again, although their readers may have them already. Returns how many."""
    rows = stuck(tx, MessageRow, ids)
    for row in rows:
        row.content = {**row.content, ASKED_BY: who}
    return _change(tx, rows, resent(now), f"Sent again, asked for by {who}.", who=who, now=now)


def give_up(tx: Session, ids: Collection[int], *, who: str, now: datetime) -> int:
    """Have these not sent: what they list and is still open stands in the next one. Returns how many."""
    why = f"Given up by {who}."
    return _change(tx, stuck(tx, MessageRow, ids), {"state": MessageState.DROPPED, "error": why}, why, who=who, now=now)


def tell_health(tx: Session, connection_id: int) -> None:
    """Keep the connection's line about messages true. One that its reader got a later one after is of no matter."""
    later = aliased(MessageRow)
    is_made_good = (
        select(later.id)
        .where(
            later.connection_id == MessageRow.connection_id,
            later.kind == MessageRow.kind,
            later.owner_id == MessageRow.owner_id,
            later.day > MessageRow.day,
            later.state == MessageState.SENT,
        )
        .exists()
    )
    waiting = select(MessageRow.state, func.count(), func.max(MessageRow.error)).where(
        MessageRow.connection_id == connection_id, MessageRow.state.in_(STUCK), ~is_made_good
    )
    found = {state: (count, error) for state, count, error in tx.execute(waiting.group_by(MessageRow.state))}
    if not found:
        drop_health(tx, connection_id, MESSAGES)
        return
    words = {MessageState.UNCLEAR: "may or may not have arrived", MessageState.DEAD: "could not be sent"}
    says = " ".join(
        f"{count} message(s) {words[MessageState(state)]}: {error or 'unknown why'}"
        for state, (count, error) in sorted(found.items())
    )
    note_health(tx, connection_id, MESSAGES, ok=False, says=f"{says} `rekindle messages` lists and resends them.")


def _change(
    tx: Session, rows: Collection[MessageRow], values: dict[str, Any], why: str, *, who: str, now: datetime
) -> int:
    for connection_id in {row.connection_id for row in rows}:
        events = [
            Event(entity="message", entity_id=row.id, from_state=row.state, to_state=values["state"], why=why)
            for row in rows
            if row.connection_id == connection_id
        ]
        save_events(tx, connection_id, events, who=who, now=now)
    tx.flush()
    tx.execute(
        update(MessageRow).where(MessageRow.id.in_([row.id for row in rows])).values(**values),
        execution_options={"synchronize_session": False},
    )
    for connection_id in {row.connection_id for row in rows}:
        tell_health(tx, connection_id)
    return len(rows)

"""Event rows: every change of state, with who, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.store.bulk import insert_rows
from service.store.models import EventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of state of a reminder, an outbox row, a task or a connection."""

    entity: str
    entity_id: int
    from_state: str | None
    to_state: str
    why: str


def save_events(tx: Session, connection_id: int, events: Sequence[Event], *, who: str, now: datetime) -> None:
    """Record changes, in one statement."""
    if events:
        shared = {"at": now, "who": who, "connection_id": connection_id}
        insert_rows(
            tx,
            EventRow,
            [
                {
                    **shared,
                    "entity": event.entity,
                    "entity_id": event.entity_id,
                    "from_state": event.from_state,
                    "to_state": event.to_state,
                    "why": event.why,
                }
                for event in events
            ],
        )

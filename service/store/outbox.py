"""Queries on the outbox. Each takes a batch; none commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.bulk import insert_rows
from service.store.models import OutboxKind, OutboxRow, OutboxState

ON_THE_WAY = (OutboxState.READY, OutboxState.WRITING, OutboxState.UNCLEAR)
UNFINISHED = (*ON_THE_WAY, OutboxState.DEAD)
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One CRM write intended."""

    kind: OutboxKind
    payload: dict[str, Any]
    reminder_id: int | None = None
    deal_id: int | None = None


def save_intents(
    tx: Session,
    connection_id: int,
    intents: Sequence[Intent],
    *,
    now: datetime,
    is_planned: bool,
    is_undo: bool = False,
) -> None:
    """Record what is to be written, in one statement."""
    if not intents:
        return
    shared = {
        "connection_id": connection_id,
        "state": OutboxState.READY,
        "attempts": 0,
        "next_try_at": now,
        "created_at": now,
        "is_planned": is_planned,
        "is_undo": is_undo,
    }
    rows = [
        {
            **shared,
            "kind": intent.kind,
            "payload": intent.payload,
            "reminder_id": intent.reminder_id,
            "deal_id": intent.deal_id,
        }
        for intent in intents
    ]
    insert_rows(tx, OutboxRow, rows)


def may_be_tried(now: datetime) -> ColumnElement[bool]:
    """The time to try has come. What seems to be of the future was recorded before the clock was set back."""
    return or_(OutboxRow.next_try_at <= now, OutboxRow.created_at > now)


def load_pending_creates(tx: Session, reminder_ids: Collection[int]) -> dict[int, str]:
    """State of the unfinished first write of each of these reminders, by reminder."""
    statement = select(OutboxRow.reminder_id, OutboxRow.state).where(
        among(OutboxRow.reminder_id, reminder_ids),
        OutboxRow.kind == OutboxKind.CREATE_TASK,
        OutboxRow.state.in_(UNFINISHED),
    )
    return {row.reminder_id: row.state for row in tx.execute(statement)}


def discard_unsent(
    tx: Session,
    reminder_ids: Collection[int],
    *,
    why: str,
    now: datetime,
    kinds: Collection[OutboxKind] = (OutboxKind.CREATE_TASK,),
) -> frozenset[int]:
    """Give up writes that were certainly not sent. Returns the reminders that had one; writes under way stay."""
    if not reminder_ids:
        return frozenset()
    statement = (
        update(OutboxRow)
        .where(
            among(OutboxRow.reminder_id, reminder_ids),
            OutboxRow.kind.in_(list(kinds)),
            OutboxRow.state.in_((OutboxState.READY, OutboxState.DEAD)),
        )
        .values(state=OutboxState.DISCARDED, error=why, done_at=now)
        .returning(OutboxRow.reminder_id)
    )
    return frozenset(id_ for id_ in tx.scalars(statement, execution_options=_PLAIN) if id_ is not None)


def count_unplanned(tx: Session, connection_id: int, *, since: datetime) -> int:
    """Writes intended since then that nobody saw announced. Uses ix_outbox_brake."""
    statement = select(func.count()).where(
        OutboxRow.connection_id == connection_id,
        OutboxRow.created_at > since,
        OutboxRow.is_planned.is_(False),
        OutboxRow.is_undo.is_(False),
        OutboxRow.state != OutboxState.DISCARDED,
    )
    return tx.scalar(statement) or 0

"""Leaving a CRM: what is stored of a connection, and forgetting it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.errors import UsageFault
from service.store.models import ConnectionRow, DealRow, ReminderRow, TaskRefRow, TaskRefState


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How much there is of a connection: deals and follow-ups here, and open tasks of ours in its CRM."""

    deals: int
    reminders: int
    tasks: int


def what_is_stored(tx: Session, connection_id: int) -> Stored:
    """See Stored."""

    def count(model: type[DealRow | ReminderRow]) -> int:
        return tx.scalar(select(func.count()).select_from(model).where(model.connection_id == connection_id)) or 0

    open_refs = select(func.count()).where(
        TaskRefRow.connection_id == connection_id, TaskRefRow.state == TaskRefState.OPEN
    )
    return Stored(deals=count(DealRow), reminders=count(ReminderRow), tasks=tx.scalar(open_refs) or 0)


def remove_connection(tx: Session, row: ConnectionRow) -> None:
    """Forget a connection and everything stored of it. Refused while tasks of ours stand in its CRM."""
    standing = what_is_stored(tx, row.id).tasks
    if standing:
        raise UsageFault(
            f"{standing} task(s) of ours are still open in {row.name}.",
            remedy=f"Take them back first with `rekindle undo {row.name}`, or say that they are to be left there.",
        )
    forget_connection(tx, row)


def forget_connection(tx: Session, row: ConnectionRow) -> None:
    """Forget a connection and everything stored of it. What was written to its CRM stays there, as anybody's."""
    tx.execute(delete(ConnectionRow).where(ConnectionRow.id == row.id))

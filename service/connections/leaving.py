"""Leaving a CRM: what is stored of a connection, and forgetting it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.errors import UsageFault
from service.store.models import ConnectionRow, ConnectionState, DealRow, ReminderRow, TaskRefRow, TaskRefState
from service.store.session import Store

BATCH = 500


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


def refuse_with_tasks(tx: Session, row: ConnectionRow) -> None:
    """Raise UsageFault while tasks of ours stand in its CRM."""
    standing = what_is_stored(tx, row.id).tasks
    if standing:
        raise UsageFault(
            f"{standing} task(s) of ours are still open in {row.name}.",
            remedy=f"Take them back first with `rekindle undo {row.name}`, or say that they are to be left there.",
        )


def begin_leaving(tx: Session, row: ConnectionRow, *, now: datetime) -> int:
    """Take a connection away from everybody's eyes, with its credentials; how many deals are stored of it.

    Its name and its account are free again. What was written to its CRM stays there, as anybody's. Deleting a hundred
    thousand deals takes minutes, and one that is half deleted must not be taken for one that is there.
    """
    row.name, row.account_id = f"{row.name[:80]} (removed, {row.id})", f"removed-{row.id}"
    row.state, row.leaving_since = ConnectionState.HOLD, now
    row.credentials = row.token = row.webhook_keys = row.slack = None
    tx.flush()
    return what_is_stored(tx, row.id).deals


def leaving(tx: Session) -> list[tuple[int, int]]:
    """(id, deals left) of the connections that are being deleted."""
    rows = select(ConnectionRow.id).where(ConnectionRow.leaving_since.is_not(None)).order_by(ConnectionRow.id)
    return [(id_, what_is_stored(tx, id_).deals) for id_ in tx.scalars(rows)]


def forget_some(store: Store, connection_id: int) -> bool:
    """Delete a batch of a leaving connection's deals with all that hangs on them; whether there may be more.

    Where there is none left, the connection itself. Two at once, or one that is killed, do no harm.
    """
    with store.begin() as tx:
        mine = DealRow.connection_id == connection_id
        last = tx.scalar(select(DealRow.id).where(mine).order_by(DealRow.id).offset(BATCH - 1).limit(1))
        tx.execute(delete(DealRow).where(mine, DealRow.id <= last) if last is not None else delete(DealRow).where(mine))
        if last is None:
            gone = ConnectionRow.id == connection_id, ConnectionRow.leaving_since.is_not(None)
            tx.execute(delete(ConnectionRow).where(*gone))
    return last is not None


def finish_leaving(store: Store) -> None:
    """Delete what is left of every connection that was removed."""
    with store.read() as tx:
        ids = [id_ for id_, _ in leaving(tx)]
    for id_ in ids:
        while forget_some(store, id_):
            pass

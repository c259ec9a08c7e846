"""Queries over connections, their owners and their streams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from connectors.base import Checkpoint, Owner, Watermark
from service.clock import today_in
from service.errors import NothingSuch
from service.store.models import ConnectionRow, DealRow, OwnerRow, StreamRow

DEALS = "deals"
TASKS = "tasks"


def all_connections(tx: Session, names: Sequence[str] = ()) -> list[ConnectionRow]:
    """The named connections, or all, by name. Raises NothingSuch for a name that is not there."""
    there_are = select(ConnectionRow).where(ConnectionRow.leaving_since.is_(None)).order_by(ConnectionRow.name)
    rows = {row.name: row for row in tx.scalars(there_are)}
    for name in names:
        if name not in rows:
            there = ", ".join(rows) or "none yet"
            raise NothingSuch(f"No connection is called {name!r}.", remedy=f"There are: {there}.")
    return [rows[name] for name in dict.fromkeys(names)] if names else list(rows.values())


def connection_named(tx: Session, name: str) -> ConnectionRow:
    """The connection of that name. Raises NothingSuch."""
    return all_connections(tx, [name])[0]


def connection_of_account(tx: Session, crm: str, account_id: str) -> ConnectionRow | None:
    """The connection to that CRM account, if there is one."""
    return tx.scalar(select(ConnectionRow).where(ConnectionRow.crm == crm, ConnectionRow.account_id == account_id))


def knows_all_of(connection: ConnectionRow, lost_on: date) -> bool:
    """Whether this database knows everything that was written for a loss of that day.

    Of an older one another installation may have written, or this one after the backup it was restored from.
    """
    since = connection.remembers_since or connection.created_at
    return lost_on > today_in(connection.zone, since) + timedelta(days=1)  # a day is not the same day in every zone


def save_owners(tx: Session, connection_id: int, owners: Iterable[Owner]) -> None:
    """Replace what is known of a connection's users."""
    tx.execute(delete(OwnerRow).where(OwnerRow.connection_id == connection_id))
    rows = [
        {
            "connection_id": connection_id,
            "owner_id": owner.id,
            "email": owner.email,
            "name": owner.name,
            "is_active": owner.is_active,
            "manager_id": owner.manager_id,
            "zone": owner.zone,
        }
        for owner in {owner.id: owner for owner in owners}.values()
    ]
    if rows:
        tx.execute(insert(OwnerRow), rows)


def owners_of(tx: Session, connection_id: int) -> dict[str, OwnerRow]:
    """A connection's users by their id in the CRM."""
    rows = tx.scalars(select(OwnerRow).where(OwnerRow.connection_id == connection_id))
    return {row.owner_id: row for row in rows}


CREDENTIALS = "credentials"
WRITING = "writing"
FAILED_DEALS = "deals"
LEDGER = "ledger"
GO_LIVE = "go_live"
MESSAGES = "messages"
STANDING_CHECKS = (CREDENTIALS, WRITING, GO_LIVE, FAILED_DEALS, LEDGER, MESSAGES)
"""Lines of a connection's health that work keeps up to date; the others are those of the last `doctor`."""


def note_health(tx: Session, connection_id: int, check: str, *, ok: bool, says: str) -> None:
    """Put one line of a connection's health in place of the one of that name."""
    _change_health(tx, connection_id, check, [{"check": check, "ok": ok, "says": says}])


def drop_health(tx: Session, connection_id: int, check: str) -> None:
    """There is nothing more to say about that."""
    _change_health(tx, connection_id, check, [])


def _change_health(tx: Session, connection_id: int, check: str, lines: list[dict[str, Any]]) -> None:
    row = ConnectionRow.id == connection_id
    now = tx.scalar(select(ConnectionRow.health).where(row).with_for_update(key_share=True)) or []
    health = [one for one in now if one["check"] != check] + lines
    if health != now:
        tx.execute(
            update(ConnectionRow).where(row).values(health=health), execution_options={"synchronize_session": "fetch"}
        )


def load_stream(tx: Session, connection_id: int, stream: str) -> StreamRow | None:
    """How far a stream has been read, or None where it never was."""
    return tx.get(StreamRow, (connection_id, stream))


def save_checkpoint(
    tx: Session,
    connection_id: int,
    stream: str,
    checkpoint: Checkpoint | None,
    *,
    full_run_id: int | None,
    now: datetime,
) -> None:
    """Keep the place inside an unfinished read, and the run that began it if it is a complete one; None when over."""
    row = _stream(tx, connection_id, stream, now)
    row.checkpoint = checkpoint.cursor if checkpoint else None
    row.full_run_id = full_run_id if checkpoint else None
    row.updated_at = now
    tx.flush()


def save_watermark(tx: Session, connection_id: int, stream: str, mark: Watermark, now: datetime) -> None:
    """Keep how far a complete read went. A mark never moves back."""
    row = _stream(tx, connection_id, stream, now)
    if row.watermark_at is None or (mark.stamp, mark.id) > (row.watermark_at, row.watermark_id):
        row.watermark_at, row.watermark_id = mark.stamp, mark.id
    row.updated_at = now
    tx.flush()


def read_anew(tx: Session, connection_id: int) -> None:
    """Forget how far the deals were read: what is mapped or kept has changed, so all are to be read again.

    Their fingerprints go too, as they say nothing of how much of the notes was kept.
    """
    tx.execute(delete(StreamRow).where(StreamRow.connection_id == connection_id, StreamRow.stream == DEALS))
    tx.execute(update(DealRow).where(DealRow.connection_id == connection_id).values(fingerprint=""))


def watermark_of(row: StreamRow | None) -> Watermark | None:
    """The watermark of a stream's last complete read."""
    if row is None or row.watermark_at is None:
        return None
    return Watermark(stamp=row.watermark_at, id=row.watermark_id)


def take_token_lease(tx: Session, connection_id: int, *, by: str, until: datetime, now: datetime) -> bool:
    """Whether `by` may refresh the connection's token until then; False while another one does."""
    free = or_(ConnectionRow.token_leased_until.is_(None), ConnectionRow.token_leased_until <= now)
    taken = update(ConnectionRow).where(ConnectionRow.id == connection_id, free)
    taken = taken.values(token_leased_until=until, token_leased_by=by)
    return tx.scalar(taken.returning(ConnectionRow.id)) is not None


def drop_token_lease(tx: Session, connection_id: int, *, by: str) -> None:
    """Let another process refresh, if `by` still holds the lease."""
    held = update(ConnectionRow).where(ConnectionRow.id == connection_id, ConnectionRow.token_leased_by == by)
    tx.execute(held.values(token_leased_until=None, token_leased_by=None))


def take_sync_lease(tx: Session, connection_id: int, *, by: str, until: datetime, now: datetime) -> bool:
    """Whether `by` may sync the connection until then; taking it again renews it."""
    free = or_(
        ConnectionRow.sync_leased_until.is_(None),
        ConnectionRow.sync_leased_until <= now,
        ConnectionRow.sync_leased_by == by,
    )
    taken = update(ConnectionRow).where(ConnectionRow.id == connection_id, free)
    taken = taken.values(sync_leased_until=until, sync_leased_by=by)
    return tx.scalar(taken.returning(ConnectionRow.id)) is not None


def drop_sync_lease(tx: Session, connection_id: int, *, by: str) -> None:
    """Let another process sync, if `by` still holds the lease."""
    held = update(ConnectionRow).where(ConnectionRow.id == connection_id, ConnectionRow.sync_leased_by == by)
    tx.execute(held.values(sync_leased_until=None, sync_leased_by=None))


def _stream(tx: Session, connection_id: int, stream: str, now: datetime) -> StreamRow:
    row = tx.get(StreamRow, (connection_id, stream))
    if row is None:
        row = StreamRow(connection_id=connection_id, stream=stream, watermark_id="", updated_at=now, checkpoint=None)
        tx.add(row)
    return row

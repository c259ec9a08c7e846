"""The sweep: what has something to do, from the database alone. It refills a queue that was lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from service.bootstrap import App
from service.connections.leaving import leaving
from service.jobs.inbox import has_inbox_work
from service.jobs.periods import PERIODS, next_hour
from service.jobs.queue import Wake
from service.mapping_sets.pending import has_pending
from service.reminders.due import load_due
from service.reminders.mornings import load_mornings
from service.reminders.waking import load_to_look_at
from service.reviews.making import due_week
from service.store.connections import all_connections
from service.store.models import ConnectionRow, ConnectionState, MessageRow, MessageState, OutboxRow, OutboxState
from service.store.outbox import may_be_tried
from service.store.reviews import has_review_letters
from service.store.turns import is_due, is_known, plan_turn

RETENTION, RETENTION_HOUR = "apply_retention", 4


def sweep(app: App) -> list[Wake]:
    """Every job that has something to do now."""
    now = app.now()
    wakes: list[Wake] = []
    with app.store.read() as tx:
        connections = [one for one in all_connections(tx) if one.state != ConnectionState.RECONNECT]
    _plan_first_turns(app, connections, now)
    with app.store.read() as tx:
        for connection in connections:
            wakes += work_of(tx, connection, app=app, now=now)  # first, so that digests know what is due
            wakes += _due_jobs(tx, app, connection, now)
        if has_messages(tx, now):
            wakes.append(Wake("send_messages"))
        if due_week(tx, now):
            wakes.append(Wake("make_review"))
        if has_review_letters(tx, now):
            wakes.append(Wake("send_reviews"))
        if has_inbox_work(app, tx):
            wakes.append(Wake("process_inbox"))
        if has_pending(app, tx) or leaving(tx):
            wakes.append(Wake("finish_changes"))
        if is_due(tx, RETENTION, now=now):
            wakes.append(Wake(RETENTION))
    return wakes


def turn_name(job: str, connection_id: int) -> str:
    """A job's turn at a connection."""
    return f"{job}/{connection_id}"


def work_of(tx: Session, connection: ConnectionRow, *, app: App, now: datetime) -> list[Wake]:
    """What a connection's reminders and outbox want."""
    wakes = []
    if connection.state == ConnectionState.LIVE and _has_reminders(tx, connection, app, now):
        wakes.append(Wake("dispatch_reminders", connection.id))
    if _has_writes(tx, connection, now):
        wakes.append(Wake("drain_outbox", connection.id))
    return wakes


def _plan_first_turns(app: App, connections: list[ConnectionRow], now: datetime) -> None:
    """A daily job waits for its hour the first time too."""
    new: list[tuple[str, int | None, datetime]] = []
    with app.store.read() as tx:
        for connection in connections:
            for job, period in PERIODS.items():
                name = turn_name(job, connection.id)
                if period.hour is not None and connection.last_sync_at and not is_known(tx, name):
                    new.append((name, connection.id, next_hour(now, connection.zone, period.hour)))
        if not is_known(tx, RETENTION):
            new.append((RETENTION, None, next_hour(now, "UTC", RETENTION_HOUR)))
    if new:
        with app.store.begin() as tx:
            for name, connection_id, due_at in new:
                plan_turn(tx, name, connection_id=connection_id, due_at=due_at)


def _due_jobs(tx: Session, app: App, connection: ConnectionRow, now: datetime) -> list[Wake]:
    found = []
    for job, period in PERIODS.items():
        furthest = period.furthest(connection, app.settings)
        if furthest is not None and is_due(tx, turn_name(job, connection.id), now=now, furthest=furthest):
            found.append(Wake(job, connection.id))
    return found


def _has_reminders(tx: Session, connection: ConnectionRow, app: App, now: datetime) -> bool:
    mornings = load_mornings(tx, connection, now=now)
    if load_due(tx, connection.id, mornings, limit=1):
        return True
    ahead, today = connection.write_ahead_days, app.today(connection)
    return bool(load_to_look_at(tx, connection.id, mornings, ahead=ahead, today=today, limit=1).ids)


def _has_writes(tx: Session, connection: ConnectionRow, now: datetime) -> bool:
    """Writes that may be sent, looked for, or taken from a worker that is gone. Uses ix_outbox_claim."""
    is_ready = and_(OutboxRow.state == OutboxState.READY, may_be_tried(now))
    if connection.state != ConnectionState.LIVE:
        is_ready = and_(is_ready, OutboxRow.is_undo)
    is_unclear = and_(OutboxRow.state == OutboxState.UNCLEAR, OutboxRow.next_try_at <= now)
    is_left = and_(OutboxRow.state == OutboxState.WRITING, OutboxRow.lease_until < now)
    wanted = [exists().where(OutboxRow.connection_id == connection.id, one) for one in (is_ready, is_unclear, is_left)]
    return bool(tx.scalar(select(or_(*wanted))))


def has_messages(tx: Session, now: datetime) -> bool:
    """Messages to be sent, or left by a worker that is gone. Uses ix_messages_claim."""
    is_ready = and_(MessageRow.state == MessageState.READY, MessageRow.next_try_at <= now)
    is_left = and_(MessageRow.state == MessageState.SENDING, MessageRow.lease_until < now)
    return bool(tx.scalar(select(or_(exists().where(is_ready), exists().where(is_left)))))

"""What each job does. A job looks at the database for what there is to do, and may run any number of times."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from connectors.base import Connector
from connectors.errors import NeedsReconnect
from service import clock
from service.bootstrap import App
from service.connections.leaving import finish_leaving
from service.connections.state import needs_reconnect
from service.errors import Busy
from service.jobs.inbox import has_inbox_work, work_on_inbox
from service.jobs.ledger import check
from service.jobs.periods import PERIODS
from service.jobs.queue import Wake
from service.jobs.retention import apply_all
from service.jobs.sweep import has_messages, work_of
from service.jobs.turns import alone, periodically
from service.mapping_sets.pending import work_on_all
from service.messages.digests import make_digests
from service.messages.sending import send_ready
from service.outbox.writer import drain
from service.reminders.advance import advance
from service.reviews.making import make_due_review
from service.reviews.sending import send_reviews
from service.store.connections import all_connections
from service.store.models import ConnectionRow, ConnectionState
from service.sync.later import enter_later
from service.sync.runner import sync
from service.sync.writeback import outbox_settings, take_over_edits

log = logging.getLogger(__name__)

Job = Callable[[App, int | None], Iterable[Wake]]


def _process_inbox(app: App, _id: int | None) -> Iterable[Wake]:
    """What is left over is more than a batch, or waits for another try."""
    work_on_inbox(app)
    with app.store.read() as tx:
        wakes = [wake for connection in all_connections(tx) for wake in work_of(tx, connection, app=app, now=app.now())]
        return [*wakes, Wake("process_inbox")] if has_inbox_work(app, tx) else wakes


def _dispatch(app: App, id_: int | None) -> Iterable[Wake]:
    """Also where nothing was found: a batch of a worker that died may stand in the outbox, unsent."""
    connection = _connection(app, id_)
    if connection is None or connection.state != ConnectionState.LIVE:
        return ()

    def act() -> None:
        with app.store.begin() as tx:
            knowledge = app.rules(tx).knowledge
        now, today = app.now(), app.today(connection)
        with _reconnecting(app, connection) as connector:
            advance(app.store, connector, connection.id, knowledge=knowledge, today=today, now=now)

    alone(app, f"dispatch_reminders/{connection.id}", act, connection_id=connection.id)
    return [Wake("drain_outbox", connection.id)]


def _drain(app: App, id_: int | None) -> Iterable[Wake]:
    """What was written, refused or found lets others have their turn."""
    connection = _connection(app, id_)
    if connection is None or connection.state == ConnectionState.RECONNECT:
        return ()
    with _reconnecting(app, connection) as connector:
        counts = drain(app.store, connector, connection.id, clock=app.now, settings=outbox_settings(app))
    return [Wake("dispatch_reminders", connection.id)] if counts.total() else ()


def _read_back(app: App, connection: ConnectionRow) -> None:
    with _reconnecting(app, connection) as connector:
        take_over_edits(app, connector, connection, today=app.today(connection))


def _sync(app: App, connection: ConnectionRow) -> None:
    with suppress(Busy):  # somebody runs it by hand: that one counts
        report = sync(app, connection.name, monotonic=clock.monotonic)
        for line in (*report.warnings, *report.failures):
            log.warning("%s", line)


def _check(app: App, connection: ConnectionRow) -> None:
    with suppress(Busy):
        check(app, connection)


def _digests(app: App, connection: ConnectionRow) -> None:
    make_digests(app, connection)


def _send_messages(app: App, _id: int | None) -> Iterable[Wake]:
    send_ready(app)
    with app.store.read() as tx:
        return [Wake("send_messages")] if has_messages(tx, app.now()) else ()


def _make_review(app: App, _id: int | None) -> Iterable[Wake]:
    make_due_review(app)
    return ()  # a letter has its own hour


def _send_reviews(app: App, _id: int | None) -> Iterable[Wake]:
    send_reviews(app)
    return ()


def _retention(app: App, _id: int | None) -> Iterable[Wake]:
    apply_all(app)
    return ()


def _finish_changes(app: App, _id: int | None) -> Iterable[Wake]:
    """What publishing moved is to be written; what was removed, deleted."""
    finish_leaving(app.store)
    work_on_all(app)
    now = app.now()
    with app.store.read() as tx:
        return [wake for connection in all_connections(tx) for wake in work_of(tx, connection, app=app, now=now)]


def _round(job: str, act: Callable[[App, ConnectionRow], None]) -> Job:
    """A job that comes round at each connection; what it leaves to do follows at once."""

    def do(app: App, id_: int | None) -> Iterable[Wake]:
        connection = _connection(app, id_)
        if connection is None or connection.state == ConnectionState.RECONNECT:
            return ()
        name = f"{job}/{connection.id}"
        period = PERIODS[job]
        is_done = periodically(app, name, lambda: act(app, connection), connection=connection, period=period)
        return _work(app, connection.id) if is_done else ()

    return do


def _work(app: App, connection_id: int) -> list[Wake]:
    connection = _connection(app, connection_id)
    if connection is None:
        return []
    with app.store.read() as tx:
        return work_of(tx, connection, app=app, now=app.now())


def _connection(app: App, id_: int | None) -> ConnectionRow | None:
    """The connection as it is now; None where it was removed."""
    with app.store.read() as tx:
        found = tx.get(ConnectionRow, id_) if id_ is not None else None
    return None if found is None or found.leaving_since else found


@contextmanager
def _reconnecting(app: App, connection: ConnectionRow) -> Iterator[Connector]:
    """The connection's connector; credentials that are refused put the connection aside."""
    connector, _ = app.connector(connection)
    try:
        yield connector
    except NeedsReconnect as refused:
        needs_reconnect(app, connection.name, str(refused))
        raise


JOBS: Mapping[str, Job] = {
    "process_inbox": _process_inbox,
    "dispatch_reminders": _dispatch,
    "drain_outbox": _drain,
    "send_messages": _send_messages,
    "apply_retention": _retention,
    "finish_changes": _finish_changes,
    "make_review": _make_review,
    "send_reviews": _send_reviews,
    "read_back_tasks": _round("read_back_tasks", _read_back),
    "sync_connection": _round("sync_connection", _sync),
    "check_ledger": _round("check_ledger", _check),
    "enter_later_steps": _round("enter_later_steps", enter_later),
    "send_digests": _round("send_digests", _digests),
}
"""By name: the same names as the addresses in tasks.py."""

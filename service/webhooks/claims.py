"""Events as this process's own for a while: claimed, kept by a thread, finished or put back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Transient
from service.bootstrap import App
from service.observe.logging import logger
from service.observe.metrics import metrics
from service.store import inbox
from service.store.events import Event, save_events
from service.store.inbox import Letter
from service.store.models import ConnectionRow, InboxState
from service.store.reminders import lock_connection
from service.webhooks.processed import Processed

log = logger(__name__)


def claim(app: App, connection_id: int, *, with_bulk: bool, limit: int) -> list[Letter]:
    """The events of up to `limit` deals that are due."""
    now = app.now()
    with app.store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        _bury(tx, connection, now)
        return inbox.claim_deals(
            tx, connection_id, now=now, lease_until=_lease(app, now), limit=limit, with_bulk=with_bulk
        )


def claim_flood(app: App, connection_id: int) -> list[Letter]:
    """Every event of an import that waits."""
    now = app.now()
    with app.store.begin() as tx:
        lock_connection(tx, connection_id)
        return inbox.claim_flood(tx, connection_id, now=now, lease_until=_lease(app, now))


@contextmanager
def kept(app: App, letters: Sequence[Letter]) -> Iterator[None]:
    """Keep the events this process's for as long as the block runs; a killed one's lease runs out."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(app, letters, stop), daemon=True, name="inbox-lease")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def put_back(
    app: App, letters: Sequence[Letter], error: ConnectorError, report: Processed, *, is_hopeless: bool = True
) -> None:
    """Have the events tried again later; where that was done often enough they become dead letters.

    A CRM that is away gives up nothing: its events are tried until it is back.
    """
    may_end = is_hopeless and not isinstance(error, Transient)
    retry_after_s = error.retry_after_s if isinstance(error, Transient) else None
    dead = [one for one in letters if may_end and one.attempts >= app.settings.inbox_max_attempts]
    _put(app, dead, InboxState.DEAD, app.now(), error)
    later = [one for one in letters if one not in dead]
    for attempts in {one.attempts for one in later}:
        same = [one for one in later if one.attempts == attempts]
        _put(app, same, InboxState.PENDING, _next_try(app, attempts, retry_after_s), error)
    report.dead += len(dead)
    report.put_back += len(later)
    metrics().processed.labels("dead").inc(len(dead))
    metrics().processed.labels("put_back").inc(len(later))


def leave(app: App, letters: Sequence[Letter], error: Exception) -> None:
    """Something unforeseen ended the work: they are taken up when the lease is over, as if the process had died."""
    with suppress(SQLAlchemyError), app.store.begin() as tx:
        inbox.note_unforeseen(tx, letters, f"The last ended with {type(error).__name__}.")


def _bury(tx: Session, connection: ConnectionRow, now: datetime) -> None:
    """What kills whoever works on it stays for a person to look at."""
    ids = inbox.bury_deadly(tx, connection.id, now=now)
    events = [
        Event(entity="inbox", entity_id=one, from_state=InboxState.WORKING, to_state=InboxState.DEAD, why=inbox.DEADLY)
        for one in ids
    ]
    save_events(tx, connection.id, events, who="rekindle", now=now)
    if ids:
        log.error("Webhook events end the processes that work on them: dead letters now.", rows=len(ids))
        metrics().processed.labels("dead").inc(len(ids))


def _put(app: App, letters: Sequence[Letter], state: InboxState, next_try_at: datetime, error: ConnectorError) -> None:
    if letters:
        with app.store.begin() as tx:
            inbox.put_back(tx, letters, state=state, next_try_at=next_try_at, error=str(error), reason=error.reason)


def _next_try(app: App, attempts: int, retry_after_s: float | None) -> datetime:
    doubled = app.settings.inbox_backoff_s * 2.0 ** min(attempts - 1, 30)
    return app.now() + timedelta(seconds=max(min(doubled, app.settings.inbox_backoff_cap_s), retry_after_s or 0.0))


def _lease(app: App, now: datetime) -> datetime:
    return now + timedelta(seconds=app.settings.lease_s)


def _keep(app: App, letters: Sequence[Letter], stop: threading.Event) -> None:
    while not stop.wait(app.settings.lease_s / 3):
        try:
            with app.store.begin() as tx:
                inbox.renew(tx, letters, lease_until=_lease(app, app.now()))
        except SQLAlchemyError:  # away for a moment: two more beats fit before the lease runs out
            continue

"""Having a job to oneself: a lease in the database, renewed by a thread while the job runs.

A killed process lets it run out; one of this machine that is seen to be dead does not even keep others waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from service.bootstrap import App
from service.jobs.periods import Period, after_failure
from service.processes.life import is_dead, this_process
from service.store.models import ConnectionRow
from service.store.turns import (
    ask_again,
    begin_turn,
    end_turn,
    failures_of,
    forget_asking,
    give_turn_back,
    holder_of,
    is_due,
    take_turn,
)


def holder_name() -> str:
    """This thread of this process."""
    return f"{this_process()}|{threading.get_ident()}"


def alone(app: App, name: str, act: Callable[[], None], *, connection_id: int | None = None) -> bool:
    """Do something that no other process does meanwhile; False where another one does it.

    That one is asked to look once more when it is done: what brought us here may have come after it looked.
    """
    by = holder_name()
    if not take(app, name, by=by, connection_id=connection_id):
        with app.store.begin() as tx:
            ask_again(tx, name, now=app.now())
        return False
    while True:
        with app.store.begin() as tx:
            forget_asking(tx, name, by=by)
        with _held(app, name, by):
            act()
        with app.store.begin() as tx:
            is_asked = give_turn_back(tx, name, by=by)
        if not (is_asked and take(app, name, by=by)):
            return True


def periodically(app: App, name: str, act: Callable[[], None], *, connection: ConnectionRow, period: Period) -> bool:
    """Do a job that comes round, if it is due and no other process does it; it is due again by its period.

    What it raises is written down with it, and raised.
    """
    by = holder_name()
    with app.store.read() as tx:
        furthest = period.furthest(connection, app.settings)
        if furthest is None or not is_due(tx, name, now=app.now(), furthest=furthest):
            return False
    if not take(app, name, by=by, connection_id=connection.id):
        return False
    error: str | None = "It was stopped."
    try:
        with app.store.begin() as tx:
            if not is_due(tx, name, now=app.now(), furthest=furthest):
                error = None
                return False
            begin_turn(tx, name, now=app.now())
        with _held(app, name, by):
            act()
        error = None
    except Exception as failed:
        error = str(failed)
        raise
    finally:
        _settle(app, name, by, connection, period, error)
    return True


def _settle(app: App, name: str, by: str, connection: ConnectionRow, period: Period, error: str | None) -> None:
    now = app.now()
    with app.store.begin() as tx:
        planned = period.next_after(now, connection, app.settings)
        due_at = planned if error is None else after_failure(now, planned, failures_of(tx, name))
        end_turn(tx, name, due_at=due_at, now=now, error=error)
        give_turn_back(tx, name, by=by)


@contextmanager
def _held(app: App, name: str, by: str) -> Iterator[None]:
    """The lease is renewed while the block runs."""
    stop = threading.Event()
    renewing = threading.Thread(target=_renew, args=(app, name, by, stop), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        stop.set()
        renewing.join()


def take(app: App, name: str, *, by: str, connection_id: int | None = None) -> bool:
    """Take or renew a turn. That of a process which died on this machine is free at once."""
    lease = timedelta(seconds=app.settings.lease_s)
    with app.store.begin() as tx:
        if take_turn(tx, name, connection_id=connection_id, by=by, lease=lease, now=app.now()):
            return True
        other = holder_of(tx, name) or ""
        if is_dead(other):
            give_turn_back(tx, name, by=other)
            return take_turn(tx, name, connection_id=connection_id, by=by, lease=lease, now=app.now())
    return False


def _renew(app: App, name: str, by: str, stop: threading.Event) -> None:
    while not stop.wait(app.settings.lease_s / 3):
        # A database that is away for a moment: two more beats fit before the lease runs out.
        with suppress(DBAPIError):
            take(app, name, by=by)

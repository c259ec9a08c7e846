"""Having a job to oneself: a lease in the database, renewed by a thread while the job runs.

A killed process lets it run out; one of this machine that is seen to be dead does not even keep others waiting.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from service.bootstrap import App
from service.store.turns import give_turn_back, holder_of, take_turn


def holder_name() -> str:
    """This thread of this process of this machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


@contextmanager
def turn(app: App, name: str, *, connection_id: int | None = None) -> Iterator[bool]:
    """Whether the turn is ours while the block runs; False where another process has it."""
    by = holder_name()
    if not take(app, name, by=by, connection_id=connection_id):
        yield False
        return
    stop = threading.Event()
    renewing = threading.Thread(target=_renew, args=(app, name, by, stop), daemon=True)
    renewing.start()
    try:
        yield True
    finally:
        stop.set()
        renewing.join()
        with app.store.begin() as tx:
            give_turn_back(tx, name, by=by)


def take(app: App, name: str, *, by: str, connection_id: int | None = None) -> bool:
    """Take or renew a turn. That of a process which died on this machine is free at once."""
    lease = timedelta(seconds=app.settings.lease_s)
    with app.store.begin() as tx:
        if take_turn(tx, name, connection_id=connection_id, by=by, lease=lease, now=app.now()):
            return True
        other = holder_of(tx, name) or ""
        if _is_dead(other):
            give_turn_back(tx, name, by=other)
            return take_turn(tx, name, connection_id=connection_id, by=by, lease=lease, now=app.now())
    return False


def _renew(app: App, name: str, by: str, stop: threading.Event) -> None:
    while not stop.wait(app.settings.lease_s / 3):
        # A database that is away for a moment: two more beats fit before the lease runs out.
        with suppress(DBAPIError):
            take(app, name, by=by)


def _is_dead(holder: str) -> bool:
    host, _, rest = holder.partition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(rest.partition(":")[0]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        return False
    return False

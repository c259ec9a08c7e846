"""Only one sync of a connection at a time, on however many machines; a killed one's lease runs out by itself."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from service.bootstrap import App
from service.errors import Busy
from service.processes.life import is_dead, this_process
from service.store.connections import connection_named, drop_sync_lease, take_sync_lease


@contextmanager
def sync_lease(app: App, connection_id: int, name: str) -> Iterator[None]:
    """Hold the connection's lease, renewed while the block runs. Raises Busy where another process holds it.

    A process of this machine that died without giving it back does not block the next one.
    """
    holder = f"{this_process()}|{secrets.token_hex(8)}"
    if not _take(app, connection_id, holder):
        _free_if_dead(app, connection_id, name)
        if not _take(app, connection_id, holder):
            raise Busy(f"{name}: another sync of this connection is running; this one left everything to it.")
    stop = threading.Event()
    renewing = threading.Thread(target=_renew, args=(app, connection_id, holder, stop), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        stop.set()
        renewing.join()
        with app.store.begin() as tx:
            drop_sync_lease(tx, connection_id, by=holder)


def _take(app: App, connection_id: int, holder: str) -> bool:
    now = app.now()
    until = now + timedelta(seconds=app.settings.sync_lease_s)
    with app.store.begin() as tx:
        return take_sync_lease(tx, connection_id, by=holder, until=until, now=now)


def _renew(app: App, connection_id: int, holder: str, stop: threading.Event) -> None:
    while not stop.wait(app.settings.sync_lease_s / 3):
        # A database that is away for a moment: two more beats fit before the lease runs out.
        with suppress(DBAPIError):
            _take(app, connection_id, holder)


def _free_if_dead(app: App, connection_id: int, name: str) -> None:
    with app.store.begin() as tx:
        holder = connection_named(tx, name).sync_leased_by or ""
        if is_dead(holder):
            drop_sync_lease(tx, connection_id, by=holder)

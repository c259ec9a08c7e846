"""What somebody at a page asks for and does not wait for: done by a worker, or by this process where none runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from connectors.errors import ConnectorError
from service import clock
from service.bootstrap import App
from service.errors import RekindleError
from service.jobs.periods import PERIODS
from service.jobs.schedule import LEADER
from service.store.connections import connection_named
from service.store.models import ConnectionRow, TurnRow
from service.store.runs import finish_run, latest_runs, start_run
from service.store.turns import ask_again, plan_turn
from service.sync.runner import sync

log = logging.getLogger(__name__)

WakeJob = Callable[[str, int | None], None]
"""Has a job done soon, by its name, for one connection."""

Background = Callable[[Callable[[], None]], None]
"""Runs something while the page is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who does what is asked for and takes longer than an answer may: workers by `wake`, else `background`."""

    wake: WakeJob | None
    background: Background


def in_thread(act: Callable[[], None]) -> None:
    """Run it in a thread of this process."""
    threading.Thread(target=act, daemon=True, name="asked").start()


def ask_for_sync(app: App, name: str, *, full: bool, wake: WakeJob | None, background: Background) -> None:
    """Have a connection read now: by a worker where one is there to do it, else here."""
    with app.store.read() as tx:
        connection = connection_named(tx, name)
    if wake is not None and not full and _has_worker(app, connection):
        turn = f"sync_connection/{connection.id}"
        with app.store.begin() as tx:
            plan_turn(tx, turn, connection_id=connection.id, due_at=app.now())
            ask_again(tx, turn, now=app.now())
        wake("sync_connection", connection.id)
        return
    ask_for(app, name, "sync", lambda: sync(app, name, full=full, monotonic=clock.monotonic), background=background)


def ask_for(app: App, name: str, kind: str, act: Callable[[], object], *, background: Background) -> None:
    """Run an operation of a connection here; what keeps it from beginning is told as a run that failed."""

    def run() -> None:
        before = _newest(app, name)
        try:
            act()
        except (ConnectorError, RekindleError) as error:
            _record(app, name, kind, str(error), before)
        except Exception as error:  # the edge of a thread: nobody else would hear of it
            log.exception("What was asked for at a page failed unforeseen")
            _record(app, name, kind, f"It was not expected ({type(error).__name__}); the log has the details.", before)

    background(run)


def _has_worker(app: App, connection: ConnectionRow) -> bool:
    """Whether jobs are being done, and this connection's sync is one that comes round."""
    if PERIODS["sync_connection"].every(connection, app.settings) is None:
        return False
    with app.store.read() as tx:
        leader = tx.get(TurnRow, LEADER)
    return leader is not None and leader.leased_until is not None and leader.leased_until > app.now()


def _newest(app: App, name: str) -> int:
    with app.store.read() as tx:
        found = latest_runs(tx, connection_named(tx, name).id, limit=1)
    return found[0].id if found else 0


def _record(app: App, name: str, kind: str, says: str, before: int) -> None:
    """Keep the failure as a run, unless the operation kept it itself."""
    with app.store.begin() as tx:
        connection = connection_named(tx, name)
        if any(run.id > before and run.error for run in latest_runs(tx, connection.id, limit=3)):
            return
        run_id = start_run(tx, kind=kind, connection_id=connection.id, now=app.now())
        finish_run(tx, run_id, counts={}, calls={}, now=app.now(), error=says)

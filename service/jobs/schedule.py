"""The scheduler: one leader, by a lease in the database, sweeps and refills the queue; the others stand by."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from service.bootstrap import App
from service.jobs.queue import Waker
from service.jobs.sweep import sweep
from service.jobs.turns import holder_name, take
from service.store.turns import give_turn_back

log = logging.getLogger(__name__)

LEADER = "scheduler"


def run_scheduler(app: App, waker: Waker, *, wait: Callable[[float], bool]) -> None:
    """Sweep until `wait(seconds)` says stop. Whoever is not the leader looks again before a lease can have run out."""
    by, was_leader = holder_name(), False
    pause = min(app.settings.sweep_s, app.settings.lease_s / 3)
    while True:
        is_leader = _beat(app, waker, by)
        if is_leader is not None and is_leader != was_leader:
            log.info("This scheduler leads." if is_leader else "Another scheduler leads; this one stands by.")
            was_leader = is_leader
        if wait(pause):
            break
    _step_down(app, by)


def _beat(app: App, waker: Waker, by: str) -> bool | None:
    """One sweep, if this is the leader; None where the database could not be asked."""
    try:
        if not take(app, LEADER, by=by):
            return False
        waker.wake_all(sweep(app))
    except DBAPIError as error:
        log.warning("The database refused a sweep (%s); the next one comes in time", error.orig)
        return None
    except Exception:
        log.exception("A sweep failed; the next one comes in time")
        return None
    return True


def _step_down(app: App, by: str) -> None:
    try:
        with app.store.begin() as tx:
            give_turn_back(tx, LEADER, by=by)
    except Exception:
        log.exception("The lead could not be given back; it runs out by itself")

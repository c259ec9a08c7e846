"""Running a job: the process's own product, the edge where errors end, and the jobs that follow."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import uuid4

from redis import RedisError
from sqlalchemy.exc import DBAPIError
from structlog.contextvars import bound_contextvars

from connectors.errors import ConnectorError
from service.bootstrap import App, open_app
from service.config import load_settings
from service.errors import RekindleError
from service.jobs.queue import Wake, Waker, marker, open_waker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker has open, from its first job to its end."""

    app: App
    waker: Waker


_open: list[Desk] = []


def run(name: str, id_: int | None = None) -> None:
    """Do a job. Whatever it raises is written down here: the row it is about says what is left to do."""
    desk = _desk()
    wake = Wake(name, id_)
    with bound_contextvars(job=f"{wake.label}_{uuid4().hex[:8]}"):  # in every line of the log
        _unmark(desk, wake)
        desk.waker.wake_all(do(desk.app, name, id_))


def do(app: App, name: str, id_: int | None = None) -> Iterable[Wake]:
    """What follows from doing the job; nothing where it failed."""
    from service.jobs.work import JOBS

    subject = name if id_ is None else f"{name} {id_}"
    try:
        return JOBS[name](app, id_)
    except (ConnectorError, RekindleError) as error:
        log.warning("%s: %s", subject, error)
    except DBAPIError as error:
        if not error.connection_invalidated:
            log.exception("%s failed", subject)
        else:
            log.warning("%s: the connection to the database was lost; it is done again", subject)
    except Exception:
        log.exception("%s failed", subject)
    return ()


def open_desk(app: App, waker: Waker) -> None:
    """Use these from now on."""
    _open[:] = [Desk(app, waker)]


def hurried(app: App) -> App:
    """The product for a worker: nobody waits there for a write to be settled, the sweep comes again."""
    return replace(app, settings=replace(app.settings, patience_s=0.0))


def _desk() -> Desk:
    if not _open:
        app = open_app(load_settings(os.environ))
        open_desk(hurried(app), open_waker(app.settings))
    return _open[0]


def _unmark(desk: Desk, wake: Wake) -> None:
    """From here on the job is looking: what comes now needs a wake of its own."""
    try:
        desk.waker.redis.delete(marker(wake))
    except (RedisError, OSError):
        log.debug("The queue's server is gone; its marks go with it.")

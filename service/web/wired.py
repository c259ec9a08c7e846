"""The web service as it runs: the application with the queue behind it."""

from __future__ import annotations

from flask import Flask

from service.bootstrap import App
from service.errors import RekindleError
from service.jobs.queue import Waker, open_waker
from service.jobs.schedule import LEADER
from service.store.models import TurnRow
from service.web.app import create_app
from service.web.links import links_blueprint


def make_web(app: App) -> Flask:
    """The application of one process. Webhooks and signed links wake the workers after they are stored."""
    waker = open_waker(app.settings)
    checks = {"redis": lambda: _redis(waker), "queue": lambda: _queue(app)}
    flask = create_app(app, wake=lambda _connection: waker.wake("process_inbox"), checks=checks, wake_job=waker.wake)
    flask.extensions["rekindle.wake"] = waker.wake
    flask.register_blueprint(links_blueprint(app, wake=lambda id_: waker.wake("drain_outbox", id_)))
    return flask


def _redis(waker: Waker) -> str:
    waker.redis.ping()
    return "It answers."


def _queue(app: App) -> str:
    """Somebody looks for what is due: a scheduler's lease holds."""
    with app.store.read() as tx:
        leader = tx.get(TurnRow, LEADER)
    if leader is None or leader.leased_until is None or leader.leased_until <= app.now():
        raise RekindleError("No scheduler is running.", remedy="Run `rekindle scheduler`, or `rekindle up`.")
    return "A scheduler looks for what is due."

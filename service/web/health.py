"""Whether the service lives, whether it is ready, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from service.bootstrap import App
from service.observe.logging import logger
from service.observe.metrics import CONTENT_TYPE, exposition
from service.store.inbox import next_due_at
from service.store.migrate import in_revision, latest_revision
from service.store.models import (
    ConnectionRow,
    InboxRow,
    InboxState,
    MessageRow,
    MessageState,
    OutboxRow,
    OutboxState,
)
from service.store.session import Store

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

log = logger(__name__)

Check = Callable[[], str]
"""Says in a sentence how a dependency is; raises where it cannot be used."""


def health_blueprint(app: App, checks: Mapping[str, Check]) -> Blueprint:
    """GET /healthz, /readyz and /metrics. `checks` are the dependencies beside the database, by name."""
    blueprint = Blueprint("health", __name__)
    every: dict[str, Check] = {
        "database": lambda: _database(app.store),
        "migrations": lambda: _migrations(app.store),
        **checks,
    }

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process answers: nothing else is asked."""
        return _json(200, {"status": "ok"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """Each dependency by name; 503 while one of them cannot be used."""
        found = {name: _tried(name, check) for name, check in every.items()}
        is_ready = all(one["ok"] for one in found.values())
        return _json(200 if is_ready else 503, {"status": "ready" if is_ready else "not ready", "checks": found})

    @blueprint.get("/metrics")
    def metrics() -> Response:
        """For Prometheus."""
        return Response(exposition([_Present(app)]), content_type=CONTENT_TYPE)

    return blueprint


def _tried(name: str, check: Check) -> dict[str, object]:
    try:
        return {"ok": True, "says": check()}
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with it, it is not ready
        log.warning("A dependency cannot be used.", dependency=name, error=type(error).__name__)
        return {"ok": False, "says": f"It cannot be used ({type(error).__name__})."}


def _database(store: Store) -> str:
    with store.read() as tx:
        tx.execute(text("SELECT 1"))
    return f"{store.engine.dialect.name} answers."


def _migrations(store: Store) -> str:
    current, latest = in_revision(store), latest_revision()
    if current != latest:
        raise LookupError(f"schema {current}, not {latest}")
    return f"Schema {current}, the latest."


def _json(status: int, body: dict[str, object]) -> Response:
    return Response(orjson.dumps(body), status=status, content_type="application/json")


class _Present:
    """What is true in the database at this moment; asked for when Prometheus asks."""

    def __init__(self, app: App) -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """The gauges; none while the database is away."""
        try:
            yield from self._gauges()
        except SQLAlchemyError:
            log.warning("The figures of the database are not there: it cannot be reached.")

    def _gauges(self) -> Iterable[Metric]:
        from prometheus_client.core import GaugeMetricFamily  # not before the first metric, see service.observe.metrics

        waiting = (InboxState.PENDING, InboxState.WORKING, InboxState.DEAD)
        inbox = GaugeMetricFamily("rekindle_inbox_rows", "Webhook events that wait or were given up.", labels=["state"])
        outbox = GaugeMetricFamily("rekindle_outbox_rows", "CRM writes that wait or were given up.", labels=["state"])
        states = GaugeMetricFamily("rekindle_connections", "Connections by state.", labels=["crm", "state"])
        messages = GaugeMetricFamily(
            "rekindle_messages",
            "Messages that were refused (dead) or may not have arrived (unclear).",
            labels=["state"],
        )
        late = GaugeMetricFamily("rekindle_inbox_late_seconds", "How long the most urgent webhook event is overdue.")
        with self._app.store.read() as tx:
            by_state = select(InboxRow.state, func.count()).where(InboxRow.state.in_(waiting)).group_by(InboxRow.state)
            counts = dict(tx.execute(by_state).all())
            for event in waiting:
                inbox.add_metric([event], counts.get(event, 0))
            writes = [one for one in OutboxState if one not in (OutboxState.DONE, OutboxState.DISCARDED)]
            by_state = (
                select(OutboxRow.state, func.count()).where(OutboxRow.state.in_(writes)).group_by(OutboxRow.state)
            )
            counts = dict(tx.execute(by_state).all())
            for write in writes:
                outbox.add_metric([write], counts.get(write, 0))
            stuck = (MessageState.UNCLEAR, MessageState.DEAD)
            by_state = (
                select(MessageRow.state, func.count()).where(MessageRow.state.in_(stuck)).group_by(MessageRow.state)
            )
            counts = dict(tx.execute(by_state).all())
            for message in stuck:
                messages.add_metric([message], counts.get(message, 0))
            kinds = select(ConnectionRow.crm, ConnectionRow.state, func.count())
            for crm, state, count in tx.execute(kinds.group_by(ConnectionRow.crm, ConnectionRow.state)):
                states.add_metric([crm, state], count)
            due_at = next_due_at(tx)
        late.add_metric([], max((self._app.now() - due_at).total_seconds(), 0.0) if due_at else 0.0)
        yield from (inbox, outbox, messages, states, late)
